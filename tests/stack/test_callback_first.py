"""A callback may overtake the answer of the request that it belongs to."""

import pytest

from contract import b2c, stk
from stories import B2C_CALLBACK_FIRST, STK_CALLBACK_FIRST


@pytest.mark.parametrize("make, phone", [(stk, STK_CALLBACK_FIRST), (b2c, B2C_CALLBACK_FIRST)], ids=["stk", "b2c"])
def test_a_callback_before_the_answer_settles_the_payment(stack, make, phone):
    payment = stack.send(make(phone, 1200))
    result = stack.await_outcome(payment, "SUCCEEDED", version=1).result
    execution, = stack.executions(payment)
    assert result.receipt == execution["receipt"]
    kinds = [line["kind"] for line in stack.ledger(payment)]
    assert kinds.index("callback") < kinds.index("answer")
    assert len(stack.requests(payment)) == 1
    assert stack.topics.outcomes(payment) == [(0, "ACCEPTED"), (1, "SUCCEEDED")]
