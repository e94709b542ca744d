"""What customers pay without being asked to: addresses, validation, confirmation, receipts.v1."""

import contextlib
import http.client
import json
import time

import confluent_kafka.admin
import pytest

from contract import in_ms, new_id, stk
from mkondo_stack import C2B_SECRET, HARBOUR_C2B_SECRET, SHORTCODE, eventually
from stories import NOTICED_AFTERWARDS, NOTICED_FIRST

PHONE = "254700000149"


def command(operation, shillings=None, **fields):
    amount = {} if shillings is None else {"amount_cents": shillings * 100}
    return {"id": new_id(), "tenant": "shop", "valid_until_ms": in_ms(600), **amount, operation: fields}


@pytest.fixture(name="registered", scope="module")
def _registered(whole_stack):
    """The addresses of the shortcode."""
    payment = whole_stack.send(command("c2b_register"))
    whole_stack.await_outcome(payment, "SUCCEEDED")
    return whole_stack.ledger(kind="registered")[-1]


def notice(**fields):
    return {"TransactionType": "Pay Bill", "TransID": "SKC0ABCDEF", "TransTime": "20261123101500", "TransAmount": "350.00",
            "BusinessShortCode": SHORTCODE, "BillRefNumber": "INV-1001", "InvoiceNumber": "", "OrgAccountBalance": "",
            "ThirdPartyTransID": "", "MSISDN": "2547 ***** 149", "FirstName": "ASHA", **fields}


_numbers = iter(range(1, 1000))


def new_receipt():
    return f"SKC1{next(_numbers):06d}X"


def call(stack, path, body, method="POST", source="127.0.0.1"):
    """Status and body of the webhook's answer."""
    link = http.client.HTTPConnection("127.0.0.1", stack.webhook_port, timeout=10, source_address=(source, 0))
    with contextlib.closing(link):
        link.request(method, path, body if isinstance(body, (str, bytes)) else json.dumps(body),
                     {"Content-Type": "application/json"})
        answer = link.getresponse()
        return answer.status, answer.read()


def validate(stack, secret=HARBOUR_C2B_SECRET, **fields):
    status, body = call(stack, f"/n/c2b/{secret}/validation", notice(**fields))
    assert status == 200
    return json.loads(body)["ResultCode"]


def confirm(stack, receipt, secret=C2B_SECRET, source="127.0.0.1", **fields):
    status, _ = call(stack, f"/n/c2b/{secret}/confirmation", notice(TransID=receipt, **fields), source=source)
    assert status == 200


def await_receipts(stack, receipt, count=1, seconds=20.0):
    return stack.topics.wait(f"{count} records of receipt {receipt}", lambda: (
        stack.topics.receipts[receipt] if len(stack.topics.receipts[receipt]) >= count else None), seconds)


def holder(stack, receipt):
    rows = stack.sql("select payment_id from receipt where receipt = %s", receipt)
    return rows[0][0] if rows else "no such receipt"


def pay(stack, **fields):
    """A customer pays; the receipt."""
    stack.sim("/sim/c2b", **{"shortcode": SHORTCODE, "phone": PHONE, "shillings": 350, "bill_reference": "INV-1001", **fields})


def told(stack, reference):
    """The receipt of the payment with this reference, once it moved."""
    def look():
        return next((line["receipt"] for line in stack.ledger(kind="executed") if line.get("reference") == reference), None)
    return eventually(f"{reference} is paid", look)


# ---- commands


def test_the_addresses_are_registered_with_the_accounts_secret(registered, stack):
    base = f"http://127.0.0.1:{stack.webhook_port}/n/c2b/{C2B_SECRET}"
    assert (registered["confirmation"], registered["validation"]) == (f"{base}/confirmation", f"{base}/validation")
    for log in ("dispatcher", "webhook", "ingest", "reconciler"):
        assert C2B_SECRET not in stack.log(log)


def test_an_answer_of_silence_is_asked_for_and_told(registered, stack):
    payment = stack.send(command("c2b_register", when_unreachable="CANCELLED"))
    stack.await_outcome(payment, "SUCCEEDED")
    assert stack.ledger(kind="registered")[-1]["cancels"] is True
    payment = stack.send(command("c2b_register"))
    stack.await_outcome(payment, "SUCCEEDED")
    assert stack.ledger(kind="registered")[-1].get("cancels") is not True and registered


def test_addresses_that_stand_already_are_told_as_such(registered, stack):
    """As in production, once per shortcode: this command has changed nothing, and says why."""
    stack.sim("/sim/c2b", once=True)
    try:
        payment = stack.send(command("c2b_register"))
        result = stack.await_outcome(payment, "FAILED").result
    finally:
        stack.sim("/sim/c2b", once=False)
    assert (result.version, result.final, result.cause.code) == (1, True, "daraja.500.003.1001")
    assert "already" in result.cause.text and result.cause.advice and registered


def test_a_simulated_payment_comes_as_a_receipt(registered, stack):
    payment = stack.send(command("c2b_simulate", 350, phone=PHONE, kind="PAY_BILL", bill_reference="SIM-1"))
    stack.await_outcome(payment, "SUCCEEDED")
    receipt = told(stack, "SIM-1")
    record, = await_receipts(stack, receipt)
    assert (record.told.new, record.told.account, record.told.shortcode) == (True, "default", SHORTCODE)
    assert (record.told.amount_cents, record.told.bill_reference, record.told.payment_id) == (35000, "SIM-1", "")
    assert "*" in record.told.customer and PHONE not in record.told.customer
    assert record.told.source_listed and record.told.paid_at_ms > 0 and record.told.received_at_ms > 0
    assert record.header("ce_type") == "mkondo.receipt.v1" and record.header("ce_specversion") == "1.0"
    assert registered


def test_goods_are_bought_without_a_reference(registered, stack):
    before = len(stack.ledger(kind="executed"))
    payment = stack.send(command("c2b_simulate", 75, phone=PHONE, kind="BUY_GOODS"))
    stack.await_outcome(payment, "SUCCEEDED")
    line = eventually("it is paid", lambda: next(
        (line for line in stack.ledger(kind="executed")[before:] if line["api"] == "c2b" and line["shillings"] == 75), None))
    record, = await_receipts(stack, line["receipt"])
    assert record.told.bill_reference == "" and record.told.kind in ("Buy Goods", "Customer Merchant Payment") and registered


# ---- validation


@pytest.mark.parametrize("code, fields", [
    ("0", {}),
    ("0", {"BillRefNumber": " inv-1001 "}),
    ("0", {"BillRefNumber": "INV-1002", "FirstName": "Asha"}),
    ("0", {"BillRefNumber": "INV-1002", "FirstName": ""}),
    ("0", {"TransAmount": "10"}),
    ("0", {"TransAmount": 5000.5}),
    ("C2B00011", {"MSISDN": ""}),
    ("C2B00012", {"BillRefNumber": "INV-1"}),
    ("C2B00012", {"BillRefNumber": "INV-9999"}),
    ("C2B00013", {"TransAmount": "9.99"}),
    ("C2B00013", {"TransAmount": "5000.51"}),
    ("C2B00014", {"BillRefNumber": "INV-1002", "FirstName": "JUMA"}),
    ("C2B00015", {"BusinessShortCode": "600999"}),
    ("C2B00016", {"TransAmount": "much"}),
])
def test_each_rule_has_its_code(stack, code, fields):
    assert validate(stack, **fields) == code


def test_an_account_without_rules_lets_everything_in(stack):
    assert validate(stack, C2B_SECRET, BillRefNumber="anything", TransAmount="much", MSISDN="") == "0"
    assert call(stack, f"/n/c2b/{C2B_SECRET}/validation", "no JSON") == (200, b'{"ResultCode":"0","ResultDesc":"Accepted"}')


def test_what_cannot_be_read_is_refused_where_the_unknown_is(stack):
    status, body = call(stack, f"/n/c2b/{HARBOUR_C2B_SECRET}/validation", "no JSON")
    assert (status, json.loads(body)) == (200, {"ResultCode": "C2B00016", "ResultDesc": "Rejected"})


def test_a_changed_list_is_taken_without_a_restart(stack):
    path = stack.folder / "keys/references"
    text = path.read_text()
    assert validate(stack, BillRefNumber="INV-2001") == "C2B00012"
    try:
        path.write_text(text + "INV-2001\n")
        eventually("INV-2001 is known", lambda: validate(stack, BillRefNumber="INV-2001") == "0", 5)
        path.write_text(",nobody\n")
        eventually("it is told", lambda: "c2b.references_unreadable" in stack.log("webhook"), 5)
        assert validate(stack, BillRefNumber="INV-2001") == "0", "the list stays as it was"
        path.unlink()
        time.sleep(0.3)
        assert validate(stack, BillRefNumber="INV-2001") == "0", "the list stays as it was"
    finally:
        path.write_text(text)
    eventually("INV-2001 is unknown again", lambda: validate(stack, BillRefNumber="INV-2001") == "C2B00012", 5)


def test_a_refused_validation_stops_the_payment(registered, stack):
    """Daraja goes on only when it was let in; here the addresses are those of an account without rules."""
    pay(stack, bill_reference="VAL-1")
    await_receipts(stack, told(stack, "VAL-1"))
    assert [line["code"] for line in stack.ledger(kind="callback_answer")
            if line.get("reference") == "VAL-1" and line["says"] == "validation"] == ["0"] and registered


# ---- confirmation


def test_an_unknown_reference_is_recorded_all_the_same(stack):
    receipt = new_receipt()
    confirm(stack, receipt, HARBOUR_C2B_SECRET, BillRefNumber="NOBODY", TransAmount="1.50")
    record, = await_receipts(stack, receipt)
    assert (record.told.new, record.told.account, record.told.bill_reference) == (True, "harbour", "NOBODY")
    assert (record.told.shortcode, record.told.amount_cents, record.told.source_listed) == (SHORTCODE, 150, True)
    assert holder(stack, receipt) is None
    assert stack.sql("select bill_reference, amount, is_new from c2b_notice where receipt = %s", receipt) == [("NOBODY", 150, True)]


def test_a_shortcode_of_others_is_an_alarm_and_a_receipt_to_look_at(stack):
    """Under the right secret, from a listed address. Fails when such a receipt is told like any other, or when nobody is woken."""
    receipt, before = new_receipt(), stack.metric("webhook", "mkondo_c2b_other_shortcode_total")
    confirm(stack, receipt, HARBOUR_C2B_SECRET, BillRefNumber="INV-1001", BusinessShortCode="600999")
    record, = await_receipts(stack, receipt)
    assert (record.told.account, record.told.shortcode, record.told.source_listed) == ("harbour", "600999", False)
    assert stack.metric("webhook", "mkondo_c2b_other_shortcode_total") == before + 1
    line = next(json.loads(line) for line in stack.log("webhook").splitlines() if "c2b.other_shortcode" in line and receipt in line)
    assert (line["level"], line["account"], line["shortcode"]) == ("alarm", "harbour", "600999")


def test_a_repeated_notice_is_new_once(stack):
    receipt = new_receipt()
    for _ in range(3):
        confirm(stack, receipt)
    records = await_receipts(stack, receipt, 3)
    assert [record.told.new for record in records] == [True, False, False]
    assert len({record.header("ce_id") for record in records}) == 3
    assert stack.sql("select count(*) from receipt where receipt = %s", receipt) == [(1,)]


def test_an_address_that_is_not_listed_is_told(stack):
    receipt = new_receipt()
    confirm(stack, receipt, source="127.0.0.9")
    record, = await_receipts(stack, receipt)
    assert record.told.new and not record.told.source_listed


@pytest.mark.parametrize("body", ["", "no JSON", "[]", json.dumps(notice(TransID="")), json.dumps(notice(TransID="SKC0000000"))])
def test_what_has_no_receipt_is_kept_for_people(stack, body):
    before = stack.sql("select count(*) from orphan_evidence where path = 'c2b/default'")[0][0]
    assert call(stack, f"/n/c2b/{C2B_SECRET}/confirmation", body)[0] == 200
    eventually("it is kept", lambda: stack.sql(
        "select count(*) from orphan_evidence where path = 'c2b/default'")[0][0] == before + 1)
    assert "c2b.unreadable" in stack.log("reconciler")


def test_a_wrong_secret_gives_nothing_away(stack):
    wrong = "1" + C2B_SECRET[1:]
    nowhere = call(stack, "/n/nothing/here", notice())
    assert nowhere[0] == 404
    for secret in (wrong, C2B_SECRET[:-1], C2B_SECRET + "0", C2B_SECRET.upper(), ""):
        for door in ("confirmation", "validation"):
            for method in ("POST", "GET"):
                assert call(stack, f"/n/c2b/{secret}/{door}", notice(), method) == nowhere
    assert call(stack, f"/n/c2b/{C2B_SECRET}/other", notice()) == nowhere
    assert call(stack, f"/n/c2b/{C2B_SECRET}/validation", notice(), "GET")[0] == 405
    assert wrong not in stack.log("webhook")


def test_the_tool_reads_receipts(stack):
    receipt = new_receipt()
    confirm(stack, receipt, HARBOUR_C2B_SECRET, BillRefNumber="TOOL-1")
    await_receipts(stack, receipt)
    line, = [line for line in stack.tool("receipts").splitlines() if line.startswith(receipt)]
    assert line.split()[:6] == [receipt, "new", "350", SHORTCODE, "TOOL-1", "harbour"]
    told_json, = [json.loads(line) for line in stack.tool("receipts", "--json").splitlines() if receipt in line]
    assert (told_json["new"], told_json["amount_cents"], told_json["bill_reference"]) == (True, "35000", "TOOL-1")


# ---- the payment of a prompt, which is told twice


def test_the_notice_of_a_prompt_comes_first(registered, stack):
    payment = stack.send(stk(NOTICED_FIRST, 350))
    execution, = eventually("it is paid", lambda: stack.executions(payment))
    receipt = execution["receipt"]
    pay(stack, phone=NOTICED_FIRST, receipt=receipt, only="confirmation")
    record, = await_receipts(stack, receipt)
    assert (record.told.new, record.told.payment_id) == (True, "")
    stack.call_back(payment)
    assert stack.await_outcome(payment, "SUCCEEDED").result.receipt == receipt
    assert holder(stack, receipt) == payment
    pay(stack, phone=NOTICED_FIRST, receipt=receipt, only="confirmation")
    again = await_receipts(stack, receipt, 2)[1]
    assert (again.told.new, again.told.payment_id) == (False, payment) and registered


def test_the_notice_of_a_prompt_comes_afterwards(registered, stack):
    payment = stack.send(stk(NOTICED_AFTERWARDS, 350))
    receipt = stack.await_outcome(payment, "SUCCEEDED").result.receipt
    pay(stack, phone=NOTICED_AFTERWARDS, receipt=receipt, only="confirmation")
    record, = await_receipts(stack, receipt)
    assert (record.told.new, record.told.payment_id) == (False, payment)
    assert stack.state(payment) == "SUCCEEDED" and len(stack.executions(payment)) == 1
    assert stack.topics.outcomes(payment) == [(0, "ACCEPTED"), (1, "SUCCEEDED")] and registered


# ---- crashes and outages


@contextlib.contextmanager
def receipts_refused(stack):
    """Kafka takes no record of receipts.v1: none is so short."""
    admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": stack.cluster.bootstrap})

    def resource(**config):
        return confluent_kafka.admin.ConfigResource(confluent_kafka.admin.RESOURCE_TOPIC, f"{stack.prefix}receipts.v1",
                                                    set_config=config)

    def limit():
        for told in admin.describe_configs([resource()]).values():
            return told.result(20)["max.message.bytes"].value

    def allow(size):
        for done in admin.alter_configs([resource(**{"max.message.bytes": size})]).values():
            done.result(20)
        eventually("the broker knows", lambda: limit() == size)
    allow("8")
    try:
        yield
    finally:
        allow("1000000")


def test_a_receipt_that_was_entered_and_not_published_is_published_after_the_crash(stack):
    receipt = new_receipt()
    with receipts_refused(stack):
        confirm(stack, receipt)
        eventually("it is entered", lambda: holder(stack, receipt) is None)
        time.sleep(0.2)
        stack.kill("reconciler")
        assert stack.topics.receipts[receipt] == []
    stack.start_service("reconciler")
    stack.await_ready("reconciler")
    records = await_receipts(stack, receipt, seconds=60)
    assert {record.told.new for record in records} == {True}
    assert all(record.same_bytes(records[0]) for record in records)
    confirm(stack, receipt)
    await_receipts(stack, receipt, len(records) + 1)
    assert stack.topics.receipts[receipt][-1].told.new is False
