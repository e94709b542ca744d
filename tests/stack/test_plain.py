"""The integration guide's own paths, which Daraja's callbacks come to without a signature: what comes there is a reason to ask, and
never more. And the three shapes of a queue's time-out, one of which brings our own credential back."""

import contextlib
import json

import pytest

from contract import b2c, callback_path, stk
from mkondo_stack import eventually
from stories import any_phone, phone_for
from transfers import amount_for, b2b

# Nobody calls back, and the first question is still far away: what is found out in time was asked because of a plain callback.
WAITING = phone_for("b2c", callback="none")
SECOND_WAITING = phone_for("b2c", callback="none")
TIMED_OUT = phone_for("b2c", callback="none")
STK_WAITING = phone_for("stk_push", callback="none")
B2B_WAITING = amount_for("b2b", callback="none")
PATHS = ["/mpesa/stk-push-callback", "/mpesa/b2b-result", "/mpesa/b2c-result", "/mpesa/c2b-validation", "/mpesa/c2b-confirmation",
         "/mpesa/account-balance-result", "/mpesa/transaction-status-result", "/mpesa/transaction-reversal-result", "/mpesa/timeout"]
CANARY = "CANARYcredential0000"
B2C, QUEUE_TIMEOUT = 2, 2


@pytest.fixture(scope="module", autouse=True)
def plain_paths(whole_stack):
    """Served for these tests alone."""
    whole_stack.restart("webhook", MKONDO_PLAIN_PATHS="true")
    yield
    whole_stack.restart("webhook")


def result(accepted, code=0, receipt="SKN0000ABC", amount=100):
    items = [{"Key": "TransactionAmount", "Value": amount}, {"Key": "TransactionReceipt", "Value": receipt}]
    return json.dumps({"Result": {"ResultType": 0, "ResultCode": code, "ResultDesc": "told", "OriginatorConversationID": accepted["originator"],
                                  "ConversationID": accepted["conversation"], "TransactionID": receipt,
                                  **({"ResultParameters": {"ResultParameter": items}} if code == 0 else {})}})


def prompt_result(checkout, code):
    return json.dumps({"Body": {"stkCallback": {"MerchantRequestID": "1-2-3", "CheckoutRequestID": checkout, "ResultCode": code, "ResultDesc": "told"}}})


def accepted(stack, payment):
    eventually("Daraja has it", lambda: stack.ledger(payment, "accepted"))
    stack.await_state(payment, "PENDING")
    return stack.ledger(payment, "accepted")[0]


def heard(stack, payment, *events):
    eventually(f"{events} is in its journal", lambda: set(events) & set(stack.journal(payment)))


def strengths(stack, payment):
    return {line.split()[4] for line in stack.tool("explain", payment).splitlines() if " no. " in line}


@contextlib.contextmanager
def asking_nobody(stack):
    """So that what is heard is heard before M-PESA is asked."""
    stack.programs["poller"].pause()
    try:
        yield
    finally:
        stack.programs["poller"].go_on()


@pytest.mark.parametrize("known_by", ["originator", "conversation"])
def test_a_result_makes_us_ask_and_the_answer_settles(stack, known_by):
    payment = stack.send(b2c(WAITING if known_by == "originator" else SECOND_WAITING, 800))
    told = accepted(stack, payment)
    other = {"originator": "conversation", "conversation": "originator"}[known_by]
    with asking_nobody(stack):
        assert stack.post("/mpesa/b2c-result", result({**told, other: "unknown-1"}, amount=800)) == 200
        heard(stack, payment, "HEARSAY")
        assert stack.state(payment) == "PENDING", "the strongest word of a stranger is a reason to ask"
    settled = stack.await_outcome(payment, "SUCCEEDED", version=1).result
    execution, = stack.executions(payment)
    assert settled.receipt == execution["receipt"], "M-PESA's own, and not what a stranger said"
    assert {"plain", "asked"} <= strengths(stack, payment)


def test_a_prompt_is_known_by_its_checkout_id(stack):
    payment = stack.send(stk(STK_WAITING, 90))
    told = accepted(stack, payment)
    assert stack.post("/mpesa/stk-push-callback", prompt_result(told["checkout"], 1032)) == 200
    assert stack.await_outcome(payment, "SUCCEEDED", version=1).result.final, "it was paid, whatever a stranger says"


def test_no_word_of_a_stranger_settles_anything(stack):
    payment = stack.send(b2b(B2B_WAITING))
    told = accepted(stack, payment)
    with asking_nobody(stack):
        for code in (1, 0):
            assert stack.post("/mpesa/b2b-result", result(told, code)) == 200
        eventually("both were heard", lambda: stack.journal(payment).count("HEARSAY") == 2)
    settled = stack.await_outcome(payment, "SUCCEEDED", version=1).result
    assert settled.receipt == stack.executions(payment)[0]["receipt"]


def test_what_was_settled_stays_so(stack):
    payment = stack.send(b2c(any_phone(), 810))
    first = stack.await_outcome(payment, "SUCCEEDED").result
    told = stack.ledger(payment, "accepted")[0]
    for code, receipt in ((0, "SKN0000XYZ"), (1, ""), (2001, "")):
        assert stack.post("/mpesa/b2c-result", result(told, code, receipt, amount=1)) == 200
    eventually("they were heard", lambda: len([line for line in stack.tool("explain", payment).splitlines() if " plain " in line]) >= 3)
    stack.await_settled(payment)
    assert stack.topics.outcomes(payment) == [(0, "ACCEPTED"), (1, "SUCCEEDED")]
    assert stack.topics.newest(payment).result.receipt == first.receipt


def test_what_belongs_to_nobody_is_kept_and_wakes_nobody(stack):
    before = stack.sql("select count(*) from orphan_evidence")[0][0]
    nobody = {"originator": "nobody-1", "conversation": "AG_nobody"}
    posts = {"/mpesa/b2c-result": result(nobody), "/mpesa/account-balance-result": result(nobody, 21),
             "/mpesa/transaction-status-result": result(nobody, 2033), "/mpesa/transaction-reversal-result": result(nobody, 1),
             "/mpesa/stk-push-callback": prompt_result("ws_CO_nobody", 0), "/mpesa/timeout": "{}",
             "/mpesa/c2b-confirmation": json.dumps({"TransID": "SKN7777ABC", "TransAmount": "100.00", "BusinessShortCode": "600000", "BillRefNumber": "X"})}
    for path, body in posts.items():
        assert stack.post(path, body) == 200, path
    eventually("all are kept", lambda: stack.sql("select count(*) from orphan_evidence")[0][0] >= before + len(posts))
    assert stack.sql("select count(*) from c2b_notice where receipt = 'SKN7777ABC'") == [(0,)], "a stranger's notice is no receipt"
    tail = stack.log("reconciler")[-4000:]
    assert "evidence.orphaned" not in tail and "callback.unparsed" not in tail


def test_a_validation_is_accepted_at_once(stack):
    assert stack.post("/mpesa/c2b-validation", json.dumps({"TransID": "SKN7777ABD", "TransAmount": "100.00"})) == 200


def test_without_the_setting_there_are_none(stack):
    stack.restart("webhook")
    assert {path: stack.post(path, "{}") for path in PATHS} == dict.fromkeys(PATHS, 404)
    stack.restart("webhook", MKONDO_PLAIN_PATHS="true")


# ---- the queue's time-out

def time_outs(told):
    """Our own request; a result's envelope; a flat one."""
    return [json.dumps({"InitiatorName": "tests", "SecurityCredential": CANARY, "CommandID": "BusinessPayment", "Amount": 820,
                        "OriginatorConversationID": told["originator"]}),
            result(told, 0, "SKN0000TMO", 820),
            json.dumps({"OriginatorConversationID": told["originator"], "ConversationID": told["conversation"], "ResultCode": 1, "ResultDesc": "timed out"})]


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "plain"])
def test_a_time_out_in_any_shape_settles_nothing_and_makes_us_ask(stack, signed):
    payment = stack.send(b2c(TIMED_OUT, 820 if signed else 821))
    told = accepted(stack, payment)
    path = callback_path(stack.callback_key, 7, B2C, 1, payment, flags=QUEUE_TIMEOUT, question=1) if signed else "/mpesa/timeout"
    with asking_nobody(stack):
        for body in time_outs(told):
            assert stack.post(path, body) == 200
        eventually("all were heard", lambda: stack.journal(payment).count("HEARSAY") == 3)
    settled = stack.await_outcome(payment, "SUCCEEDED", version=1).result
    assert settled.receipt == stack.executions(payment)[0]["receipt"]
    assert "DECLINED" not in stack.journal(payment)


def test_our_credential_reaches_no_topic_no_log_and_no_reader(stack):
    payment = stack.send(b2c(any_phone(), 830))
    stack.await_outcome(payment, "SUCCEEDED")
    told = stack.ledger(payment, "accepted")[0]
    signed = callback_path(stack.callback_key, 7, B2C, 1, payment, flags=QUEUE_TIMEOUT, question=1)
    for path in (signed, "/mpesa/timeout", "/mpesa/b2c-result"):
        assert stack.post(path, time_outs(told)[0]) == 200
    eventually("they were heard", lambda: stack.tool("explain", payment).count(" no. ") >= 3)
    said = stack.tool("explain", "--bodies", payment)
    assert "SecurityCredential" in said and "***" in said and CANARY not in said
    heard_of = b"".join(stack.topics.raw("callbacks.v1"))
    assert b"SecurityCredential" in heard_of and CANARY.encode() not in heard_of
    for service in ("webhook", "reconciler", "poller", "dispatcher", "ingest"):
        assert CANARY not in stack.log(service)
