"""Each path of the integration guide, with each product that is told of there and each id that it can be known by: nobody asks within
the hour, then a plain callback comes, and the question is brought forward and settles. test_plain.py has the rest."""

import json

import pytest

from contract import b2c, stk
from inquiries import balance
from mkondo_stack import SHORTCODE, eventually
from stories import phone_for, story
from transfers import amount_for, b2b, reversal_of_a_payment, tax

CANARY = "Q0FOQVJZLW9mLXRoZS1jcmVkZW50aWFs" * 8 + "=="
PLAIN = 1  # the strength, as the database has it

LOST = {"callback": "lost"}
BALANCE_LOST = "plain balance"
story(api="account_balance", remarks=BALANCE_LOST, times=1, do=LOST)


def stk_paid(ids):
    return {"Body": {"stkCallback": {
        "MerchantRequestID": ids["merchant"], "CheckoutRequestID": ids["checkout"], "ResultCode": 0, "ResultDesc": "ok",
        "CallbackMetadata": {"Item": [{"Name": "Amount", "Value": ids["shillings"]},
                                      {"Name": "MpesaReceiptNumber", "Value": "SKPLAIN001"}]}}}}


def envelope(ids, code=0, items=(), names=("conversation", "originator")):
    result = {"ResultType": 0, "ResultCode": code, "ResultDesc": "told without a signature", "TransactionID": "SKPLAIN002"}
    if "conversation" in names:
        result["ConversationID"] = ids["conversation"]
    if "originator" in names:
        result["OriginatorConversationID"] = ids["originator"]
    if items:
        result["ResultParameters"] = {"ResultParameter": [{"Key": key, "Value": value} for key, value in items]}
    return {"Result": result}


def paid_out(ids, **more):
    return envelope(ids, items=[("TransactionAmount", ids["shillings"]), ("TransactionReceipt", "SKPLAIN003")], **more)


def transferred(ids, **more):
    return envelope(ids, items=[("Amount", ids["shillings"])], **more)


def told_status(ids):
    question = {"conversation": "AG_20261123_nobodys", "originator": "nobodys-question"}
    return envelope(question, items=[("OriginatorConversationID", ids["originator"]), ("TransactionStatus", "Completed"),
                                     ("Amount", ids["shillings"]), ("ReceiptNo", "SKPLAIN004")])


def told_balance(ids):
    return envelope(ids, items=[("AccountBalance", "Working Account|KES|99999.00|99999.00|0.00|0.00")])


def echo(ids):
    return {"OriginatorConversationID": ids["originator"], "InitiatorName": "tests", "SecurityCredential": CANARY,
            "CommandID": "BusinessPayment", "Amount": ids["shillings"], "PartyA": SHORTCODE, "PartyB": "254700000012",
            "Remarks": "Refund", "QueueTimeOutURL": "https://pay.example/n/t", "ResultURL": "https://pay.example/n/r"}


def timed_out_envelope(ids):
    body = envelope(ids, code=1)
    body["Result"]["SecurityCredential"] = CANARY
    return body


def flat(ids):
    return {**envelope(ids, code="1")["Result"], "SecurityCredential": CANARY}


TIMEOUTS = {"echo": echo, "envelope": timed_out_envelope, "flat": flat}


def payout(_):
    return b2c(phone_for_lost["b2c"].pop(), 900)


phone_for_lost = {"stk": [phone_for("stk_push", **LOST)], "b2c": [phone_for("b2c", **LOST) for _ in range(6)]}
LOST_B2B, LOST_ORIGINATOR, LOST_TAX, LOST_REVERSAL = (amount_for(api, **LOST) for api in ("b2b", "b2b", "tax_remittance", "reversal"))

# Name: what is commanded, where Daraja would tell of it, and what it tells.
CASES = {
    "prompt": (lambda _: stk(phone_for_lost["stk"].pop(), 900), "stk-push-callback", stk_paid),
    "payout by our key": (payout, "b2c-result", lambda ids: paid_out(ids, names=("originator",))),
    "payout by conversation": (payout, "b2c-result", lambda ids: paid_out(ids, names=("conversation",))),
    "business by conversation": (lambda _: b2b(LOST_B2B), "b2b-result", lambda ids: transferred(ids, names=("conversation",))),
    "business by originator": (lambda _: b2b(LOST_ORIGINATOR), "b2b-result", lambda ids: transferred(ids, names=("originator",))),
    "tax": (lambda _: tax(LOST_TAX), "b2b-result", transferred),
    "reversal": (lambda stack: reversal_of_a_payment(stack, LOST_REVERSAL), "transaction-reversal-result", transferred),
    "status": (payout, "transaction-status-result", told_status),
    "balance": (lambda _: balance(BALANCE_LOST), "account-balance-result", told_balance),
    **{f"timeout, {shape}": (payout, "timeout", make) for shape, make in TIMEOUTS.items()},
}


def ids_of(stack, payment):
    names = ("checkout", "merchant", "conversation", "originator")
    row, = stack.sql("select checkout_id, merchant_id, conversation_id, originator_id from payment_state where id = %s", payment)
    ids = dict(zip(names, row))
    ids["originator"] = ids["originator"] or payment.replace("-", "") + "-1"
    return ids


def post(stack, path, body):
    return stack.post(f"/mpesa/{path}", json.dumps(body))


def put_to_sleep(stack, payment):
    """Nobody asks within the hour, unless something brings it forward."""
    eventually("it was taken", lambda: any(
        value for row in stack.sql("select checkout_id, conversation_id from payment_state where id = %s", payment) for value in row))
    stack.sql("update payment_state set due_at = now() + interval '1 hour', horizon_at = now() + interval '1 day' where id = %s",
              payment)
    stack.sql("update timer set due_at = now() + interval '1 hour' where %s::uuid = any(ids)", payment)


@pytest.fixture(scope="module")
def opened(whole_stack):
    whole_stack.restart("webhook", MKONDO_PLAIN_PATHS="true")
    yield whole_stack
    whole_stack.restart("webhook")


@pytest.fixture(scope="module")
def told(opened):
    """All cases go the same way at once: commanded, asleep, told of on a plain path, and then the poller is let at them."""
    stack, payments = opened, {}
    commands = {name: make(stack) for name, (make, _, _) in CASES.items()}
    assert stack.programs["poller"].stop() == 0
    try:
        for name, command in commands.items():
            payments[name] = stack.send(command)
        for name, payment in payments.items():
            put_to_sleep(stack, payment)
            ids = {**ids_of(stack, payment), "shillings": commands[name].get("amount_cents", 0) // 100}
            path, make = CASES[name][1:]
            assert name == "balance" or stack.ledger(payment, "question") == []
            assert post(stack, path, make(ids)) == 200
            eventually(f"{name}: it is on file", lambda one=payment: stack.sql(
                "select 1 from evidence where payment_id = %s and strength = %s", one, PLAIN))
        states = {name: stack.state(payment) for name, payment in payments.items()}
        due = {name: stack.sql("select due_at < now() + interval '1 minute' from payment_state where id = %s", payment)[0][0]
               for name, payment in payments.items()}
    finally:
        stack.start_service("poller")
        stack.await_ready("poller")
    return payments, states, due


@pytest.mark.parametrize("name", CASES)
def test_a_plain_callback_makes_us_ask_and_the_answer_settles(told, stack, name):
    payments, states, due = told
    payment = payments[name]
    assert states[name] == "PENDING", "it settles nothing by itself"
    assert due[name], "the question was brought forward"
    result = stack.await_outcome(payment, "SUCCEEDED").result
    assert "SKPLAIN" not in result.receipt
    assert "HEARSAY" in stack.journal(payment)
    assert " plain " in stack.tool("explain", payment)
    if name == "balance":
        assert len(result.balances) > 0 and "99999" not in str(result)
    else:
        execution, = stack.executions(payment)
        assert stack.ledger(payment, "question")
        assert result.receipt in ("", execution["receipt"])


def test_our_credential_is_in_no_table_and_no_record(told, stack):
    """Its bodies came with the tests above."""
    payments, _, _ = told
    for shape in TIMEOUTS:
        page = stack.tool("explain", "--bodies", payments[f"timeout, {shape}"])
        assert "SecurityCredential" in page and "***" in page, "the body is there, and the credential hidden"
        assert CANARY[:24] not in page
    for name in stack.programs:
        assert CANARY[:24] not in stack.log(name), name
    assert not any(CANARY[:24].encode() in value for value in stack.topics.raw("callbacks.v1"))
    assert CANARY[:24] not in stack.dump()
