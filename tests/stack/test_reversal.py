"""What a customer paid goes back: once, as a whole, and only to the tenant whose payment it was."""

import pytest

from contract import b2c, new_id, stk
from mkondo_stack import eventually
from stories import SILENT, any_phone, phone_for
from transfers import amount_for, any_amount, paid_prompt, reversal

RECEIPT_LATE = phone_for("stk_push", callback="sent", callback_after_ms=150000, **SILENT)
NEVER = phone_for("stk_push", callback="none", **SILENT)
DECLINED = phone_for("stk_push", result=1032)
# With everything that a success can tell.
WHOLE = amount_for("reversal", shape="portal")
BARE = amount_for("reversal", shape="object")
WHOLE_BY_ID = amount_for("reversal", shape="portal")


def assert_given_back(stack, payment, receipt):
    result = stack.await_outcome(payment, "SUCCEEDED", version=1).result
    execution, = stack.executions(payment)
    assert (result.operation, result.receipt) == ("reversal", execution["receipt"]) and execution["receipt"] != receipt
    assert stack.ledger(payment, "accepted")[0]["reference"] == receipt
    return result


def assert_refused(stack, payment, code, field):
    """Before anything was sent."""
    result = stack.await_outcome(payment, "FAILED", version=1).result
    assert (result.cause.code, result.cause.field, getattr(result.cause, "class")) == (code, field, "command")
    assert result.cause.text and result.cause.advice
    assert stack.ledger(payment) == []


def test_a_receipt_is_reversed(stack):
    _, receipt = paid_prompt(stack, WHOLE)
    payment = stack.send(reversal(WHOLE, receipt))
    result = assert_given_back(stack, payment, receipt)
    assert result.amount_moved_cents == WHOLE * 100
    assert dict(result.details) == {"original_receipt": receipt}


def test_a_success_that_tells_nothing_more_is_asked_about(stack):
    """As older documents show it: no amount, no receipt of the original."""
    _, receipt = paid_prompt(stack, BARE)
    payment = stack.send(reversal(BARE, receipt))
    assert assert_given_back(stack, payment, receipt).amount_moved_cents == BARE * 100
    assert stack.ledger(payment, "question")


def test_a_payment_of_ours_is_reversed_by_its_id(stack):
    original, receipt = paid_prompt(stack, WHOLE_BY_ID)
    payment = stack.send(reversal(WHOLE_BY_ID, payment=original))
    assert_given_back(stack, payment, receipt)
    assert stack.topics.outcomes(original) == [(0, "ACCEPTED"), (1, "SUCCEEDED")], "the original keeps its word"


@pytest.mark.parametrize("by", ["receipt", "payment"])
def test_another_tenants_payment_is_as_good_as_none(stack, by):
    shillings = any_amount()
    original, receipt = paid_prompt(stack, shillings)
    what = {"receipt": receipt} if by == "receipt" else {"payment": original}
    payment = stack.send(reversal(shillings, **what, tenant="another"))
    field = "receipt" if by == "receipt" else "payment_id"
    assert_refused(stack, payment, f"command.{field}.unknown", f"reversal.{field}")
    # The right one still can.
    assert_given_back(stack, stack.send(reversal(shillings, **what)), receipt)


def test_a_payment_that_nobody_knows_is_not_reversed(stack):
    payment = stack.send(reversal(any_amount(), payment=new_id()))
    assert_refused(stack, payment, "command.payment_id.unknown", "reversal.payment_id")


def test_a_payment_that_failed_is_not_reversed(stack):
    original = stack.send(stk(DECLINED, 300))
    stack.await_outcome(original, "FAILED")
    assert_refused(stack, stack.send(reversal(300, payment=original)), "command.payment_id.not_paid", "reversal.payment_id")


@pytest.mark.parametrize("by", ["receipt", "payment"])
def test_a_part_is_not_reversed(stack, by):
    shillings = any_amount()
    original, receipt = paid_prompt(stack, shillings)
    what = {"receipt": receipt} if by == "receipt" else {"payment": original}
    field = "receipt" if by == "receipt" else "payment_id"
    assert_refused(stack, stack.send(reversal(shillings - 1, **what)), f"command.{field}.not_whole", "amount_cents")


def test_a_payout_is_not_reversed(stack):
    original = stack.send(b2c(any_phone(), 310))
    stack.await_outcome(original, "SUCCEEDED")
    assert_refused(stack, stack.send(reversal(310, payment=original)), "command.payment_id.not_reversible", "reversal.payment_id")


def test_what_is_not_paid_yet_is_put_off_until_its_receipt_is_there(stack):
    original = stack.send(stk(RECEIPT_LATE, 320))
    stack.await_state(original, "PENDING")
    payment = stack.send(reversal(320, payment=original))
    eventually("it was put off", lambda: "PUT_OFF" in stack.journal(payment))
    assert stack.requests(payment) == []
    receipt = stack.await_outcome(original, "SUCCEEDED").result.receipt
    assert_given_back(stack, payment, receipt)
    assert len(stack.requests(payment)) == 1


def test_what_is_never_paid_is_not_reversed_when_its_time_is_over(stack):
    original = stack.send(stk(NEVER, 330))
    stack.await_state(original, "PENDING")
    command = reversal(330, payment=original)
    command["valid_until_ms"] = command["valid_until_ms"] - 600000 + 1500
    payment = stack.send(command)
    result = stack.await_outcome(payment, "FAILED", version=1).result
    assert result.cause.code and stack.requests(payment) == []


def test_already_reversed_is_no_word_about_this_reversal(stack):
    """R000001 may tell of our own attempt: M-PESA is asked about this one, by the ids of this one."""
    shillings = any_amount()
    _, receipt = paid_prompt(stack, shillings)
    first = stack.send(reversal(shillings, receipt))
    assert_given_back(stack, first, receipt)
    second = stack.send(reversal(shillings, receipt))
    result = stack.await_outcome(second, "FAILED", version=1).result
    assert result.cause.code == "status.Declined"
    originator = stack.ledger(second, "accepted")[0]["originator"]
    assert {line["key"] for line in stack.ledger(second, "question")} == {originator}
    assert "R000001" in "".join(row[0] for row in stack.sql("select detail from journal where payment_id = %s", second))
    assert stack.executions(second) == []
    assert stack.topics.outcomes(first) == [(0, "ACCEPTED"), (1, "SUCCEEDED")]
