"""The business pays another business."""

import pytest

from transfers import any_amount, b2b


@pytest.mark.parametrize("kind", ["PAY_BILL", "BUY_GOODS", "PAY_TO_BULK"])
def test_a_business_is_paid(stack, kind):
    shillings = any_amount()
    payment = stack.send(b2b(shillings, kind, b2b={"occasion": "2026-11", "requester": "0700000012"}))
    result = stack.await_outcome(payment, "SUCCEEDED").result
    execution, = stack.executions(payment)
    assert (result.operation, result.version, result.final) == ("b2b", 1, True)
    assert result.receipt == execution["receipt"]
    assert (result.amount_cents, result.amount_moved_cents) == (shillings * 100, shillings * 100)
    assert (execution["phone"], execution["shillings"]) == ("600584", shillings)
    assert result.provider.originator_conversation_id == execution["originator"]
    assert result.provider.conversation_id == execution["conversation"]
    assert result.party == "600584", "a shortcode is nobody's secret"
    assert stack.topics.outcomes(payment) == [(0, "ACCEPTED"), (1, "SUCCEEDED")]
    assert " KES to " in stack.tool("explain", payment).splitlines()[0]
