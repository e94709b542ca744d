"""Bill Manager tells of a payment at the address that the opt-in gave it: a receipt like any other, told once as new."""

import http.client
import json
import time

import pytest

from bills import opt_in
from contract import callback_path
from mkondo_stack import SHORTCODE, eventually
from test_c2b import await_receipts, confirm, holder, new_receipt, receipts_refused

OPT_IN_PURPOSE, KEY_ID = 14, 7


@pytest.fixture(scope="module")
def address(whole_stack):
    payment = whole_stack.send(opt_in())
    whole_stack.await_outcome(payment, "SUCCEEDED")
    return callback_path(whole_stack.callback_key, KEY_ID, OPT_IN_PURPOSE, 1, payment)


def push_of(receipt, **fields):
    return {"transactionId": receipt, "paidAmount": "800", "msisdn": "254700000012", "dateCreated": "2026-11-23",
            "accountReference": "A-12", "shortCode": SHORTCODE, **fields}


def push(stack, address, body, source="127.0.0.1"):
    link = http.client.HTTPConnection("127.0.0.1", stack.webhook_port, timeout=10, source_address=(source, 0))
    try:
        link.request("POST", address, json.dumps(body), {"Content-Type": "application/json"})
        answer = link.getresponse()
        body = answer.read()
        return answer.status, json.loads(body) if answer.status == 200 else None
    finally:
        link.close()


def test_a_push_is_a_receipt_and_hears_its_own_words(stack, address):
    receipt = new_receipt()
    assert push(stack, address, push_of(receipt)) == (200, {"resmsg": "Success", "rescode": "200"})
    record, = await_receipts(stack, receipt)
    told = record.told
    assert (told.new, told.account, told.shortcode, told.kind, told.amount_cents) == (True, "default", SHORTCODE, "Bill Manager", 80000)
    assert (told.bill_reference, told.customer, told.paid_at_ms, told.source_listed) == ("A-12", "2547•••••012", 0, True)


def test_a_repeated_push_is_new_once_and_so_is_its_confirmation(stack, address):
    receipt = new_receipt()
    for _ in range(5):
        assert push(stack, address, push_of(receipt))[0] == 200
    confirm(stack, receipt)
    records = await_receipts(stack, receipt, 6)
    assert [record.told.new for record in records] == [True] + [False] * 5


def test_an_address_that_is_not_listed_is_told(stack, address):
    receipt = new_receipt()
    assert push(stack, address, push_of(receipt), source="127.0.0.9")[0] == 200
    record, = await_receipts(stack, receipt)
    assert record.told.source_listed is False


def test_what_has_no_receipt_is_kept_for_people(stack, address):
    body = push_of("", note=new_receipt())
    before = stack.sql("select count(*) from orphan_evidence")[0][0]
    assert push(stack, address, body)[0] == 200
    eventually("it is kept", lambda: stack.sql("select count(*) from orphan_evidence")[0][0] > before)
    assert '"event":"c2b.unreadable","account":"default"' in stack.log("reconciler")


def test_a_wrong_signature_gives_nothing_away(stack, address):
    assert push(stack, address[:-1] + ("0" if address[-1] != "0" else "1"), push_of(new_receipt()))[0] == 404


def test_a_push_that_was_entered_and_not_published_is_published_after_the_crash(stack, address):
    receipt = new_receipt()
    with receipts_refused(stack):
        assert push(stack, address, push_of(receipt))[0] == 200
        eventually("it is entered", lambda: holder(stack, receipt) is None)
        time.sleep(0.2)
        stack.kill("reconciler")
        assert stack.topics.receipts[receipt] == []
    stack.start_service("reconciler")
    stack.await_ready("reconciler")
    records = await_receipts(stack, receipt, seconds=60)
    assert {record.told.new for record in records} == {True}


def test_the_opt_in_itself_is_as_it_was(stack, address):
    """A push is no evidence about the command."""
    payment = stack.send(opt_in())
    stack.await_outcome(payment, "SUCCEEDED")
    events = stack.journal(payment)
    assert push(stack, callback_path(stack.callback_key, KEY_ID, OPT_IN_PURPOSE, 1, payment), push_of(receipt := new_receipt()))[0] == 200
    await_receipts(stack, receipt)
    assert stack.journal(payment) == events
    assert stack.topics.outcomes(payment) == [(0, "ACCEPTED"), (1, "SUCCEEDED")]
