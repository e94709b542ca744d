"""Whoever does not know the key cannot tell the webhook anything; whoever speaks from elsewhere makes us ask, no more."""

import json

import pytest

from contract import callback_path, stk
from mkondo_stack import eventually
from stories import FORGED, FORGED_OTHER, UNLISTED, any_phone

STK_PURPOSE, B2C_PURPOSE = 1, 2


def success(shillings, receipt="SKN0000ABC"):
    items = [{"Name": "Amount", "Value": shillings}, {"Name": "MpesaReceiptNumber", "Value": receipt},
             {"Name": "TransactionDate", "Value": 20261123101500}, {"Name": "PhoneNumber", "Value": 254700000001}]
    return json.dumps({"Body": {"stkCallback": {"MerchantRequestID": "1-2-3", "CheckoutRequestID": "ws_CO_1",
                                                "ResultCode": 0, "ResultDesc": "ok", "CallbackMetadata": {"Item": items}}}})


@pytest.fixture(scope="module")
def open_payment(whole_stack):
    """One that waits, and whose path is known as the simulator was given it."""
    payment = whole_stack.send(stk(FORGED, 1500))
    whole_stack.await_state(payment, "PENDING")
    url = whole_stack.ledger(payment, "accepted")[0]["url"]
    return payment, url[len(f"http://127.0.0.1:{whole_stack.webhook_port}"):]


def sign(stack, payment, purpose=STK_PURPOSE, gen=1, question=1):
    return callback_path(stack.callback_key, 7, purpose, gen, payment, question=question)


def test_our_own_signature_is_the_one_that_daraja_was_given(stack, open_payment):
    """Else the forgeries below would be refused for nothing."""
    payment, path = open_payment
    assert sign(stack, payment) == path


def forgeries(payment, path, other):
    head, segment, ident, mac = path.rsplit("/", 3)
    wrong_mac = mac[:-1] + ("0" if mac[-1] != "0" else "1")
    return {
        "wrong MAC": f"{head}/{segment}/{ident}/{wrong_mac}",
        "no MAC": f"{head}/{segment}/{ident}/" + "0" * 32,
        "short MAC": f"{head}/{segment}/{ident}/{mac[:-2]}",
        "other generation": f"{head}/{segment[:4]}0002{segment[8:]}/{ident}/{mac}",
        "other question": f"{head}/{segment[:8]}0002/{ident}/{mac}",
        "other purpose": f"{head}/{segment[:2]}{B2C_PURPOSE:x}{segment[3:]}/{ident}/{mac}",
        "other flags": f"{head}/{segment[:3]}1{segment[4:]}/{ident}/{mac}",
        "other key": f"{head}/08{segment[2:]}/{ident}/{mac}",
        "other payment": f"{head}/{segment}/{other.replace('-', '')}/{mac}",
        "a key that is not ours": callback_path(b"k" * 32, 7, STK_PURPOSE, 1, payment),
        "other prefix": path.replace("/n/", "/m/", 1),
        "upper case": path.upper(),
        "more behind it": path + "/",
    }


def test_a_forged_callback_is_not_found_and_has_no_effect(stack, open_payment):
    payment, path = open_payment
    other = stack.send(stk(FORGED_OTHER, 1500))
    stack.await_state(other, "PENDING")
    before = {one: (stack.state(one), stack.topics.callbacks[one]) for one in (payment, other)}

    statuses = {what: stack.post(forged, success(1500)) for what, forged in forgeries(payment, path, other).items()}
    assert statuses == dict.fromkeys(statuses, 404)

    # A payment that goes all the way behind them shows that nothing of them is still on its way.
    stack.await_outcome(stack.send(stk(any_phone())), "SUCCEEDED")
    for one in (payment, other):
        state, callbacks = before[one]
        # Answers to our own questions come by this topic too; each stands in the ledger before it is given.
        heard = stack.topics.callbacks[one] - callbacks
        assert heard <= len(stack.ledger(one, "question"))
        assert stack.sql("select count(*) from evidence where payment_id = %s and strength <> 5", one) == [(0,)]
        assert stack.sql("select count(*) from orphan_evidence where payment_id = %s", one) == [(0,)]
        assert stack.state(one) == state == "PENDING"
        assert stack.topics.outcomes(one) == [(0, "ACCEPTED")]


def test_a_success_from_an_unlisted_address_makes_us_ask(stack):
    """The signature is right, the address is not: it settles nothing. The answer to a question does, and tells no receipt;
    the one that was heard is taken."""
    payment = stack.send(stk(UNLISTED, 1600))
    stack.await_state(payment, "PENDING")
    eventually("it is paid", lambda: stack.executions(payment))
    receipt = stack.executions(payment)[0]["receipt"]
    assert stack.post(sign(stack, payment), success(1600, receipt), source="127.0.0.2") == 200
    eventually("the notice is on file as signed", lambda: stack.sql(
        "select 1 from evidence where payment_id = %s and strength = 3 and peer like '127.0.0.2%%'", payment))
    stack.topics.wait("the receipt is published", lambda: stack.topics.newest(payment).result.receipt == receipt)
    assert stack.topics.newest(payment).outcome == "SUCCEEDED"
    assert stack.ledger(payment, "question")
