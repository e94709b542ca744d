"""Evidence that contradicts itself is for a person to decide: CONFLICT, and the first word is not taken back silently."""

from contract import b2c, stk
from stories import B2C_PAID_THEN_CONTRADICTED, B2C_WRONG_AMOUNT, CONTRADICTORY, WRONG_AMOUNT


def test_a_failure_after_a_success_is_a_conflict(stack):
    payment = stack.send(stk(CONTRADICTORY, 1300))
    result = stack.await_outcome(payment, "CONFLICT", version=2).result
    assert not result.final and result.cause.code.startswith("conflict.")
    assert stack.topics.outcomes(payment) == [(0, "ACCEPTED"), (1, "SUCCEEDED"), (2, "CONFLICT")]
    assert stack.state(payment) == "CONFLICT"


def test_a_payout_contradicted_later_is_a_conflict(stack):
    payment = stack.send(b2c(B2C_PAID_THEN_CONTRADICTED, 1300))
    stack.await_outcome(payment, "SUCCEEDED", version=1)
    stack.call_back(payment, "contradict")
    stack.await_outcome(payment, "CONFLICT", version=2)


def test_the_same_callback_again_changes_nothing(stack):
    payment = stack.send(b2c(B2C_PAID_THEN_CONTRADICTED, 1350))
    stack.await_outcome(payment, "SUCCEEDED", version=1)
    heard = stack.topics.callbacks[payment]
    stack.call_back(payment)
    stack.topics.wait("the second callback is on the topic", lambda: stack.topics.callbacks[payment] > heard)
    # One that comes behind it on the same partition shows that it was judged.
    stack.call_back(payment, "contradict")
    stack.await_outcome(payment, "CONFLICT", version=2)
    assert stack.journal(payment).count("CONFIRMED") <= 2


def assert_amount_conflict(stack, payment):
    result = stack.await_outcome(payment, "CONFLICT", version=1).result
    assert result.cause.code == "conflict.amount"
    assert stack.topics.outcomes(payment) == [(0, "ACCEPTED"), (1, "CONFLICT")]


def test_another_amount_than_the_prompts_is_a_conflict(stack):
    assert_amount_conflict(stack, stack.send(stk(WRONG_AMOUNT, 1400)))


def test_another_amount_than_the_payouts_is_a_conflict(stack):
    assert_amount_conflict(stack, stack.send(b2c(B2C_WRONG_AMOUNT, 1400)))
