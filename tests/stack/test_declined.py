"""A certain no of M-PESA's is FAILED, at once and for ever."""

from contract import b2c, stk
from stories import B2C_DECLINED, DECLINED


def assert_failed(stack, payment, code):
    result = stack.await_outcome(payment, "FAILED").result
    assert (result.version, result.final, result.receipt, result.cause.code) == (1, True, "", code)
    assert result.cause.text and result.cause.advice
    assert stack.executions(payment) == []
    assert len(stack.requests(payment)) == 1


def test_a_prompt_that_the_customer_dismisses_fails(stack):
    assert_failed(stack, stack.send(stk(DECLINED)), "stk.1032")


def test_a_payout_without_funds_fails(stack):
    assert_failed(stack, stack.send(b2c(B2C_DECLINED)), "b2c.1")
