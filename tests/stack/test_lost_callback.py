"""A callback that is lost is no failure: the poller asks."""

from contract import b2c, stk
from stories import B2C_CALLBACK_LOST, STK_CALLBACK_LOST


def test_a_prompt_is_found_by_a_query_and_its_receipt_learned_later(stack):
    payment = stack.send(stk(STK_CALLBACK_LOST, 700))
    first = stack.await_outcome(payment, "SUCCEEDED", version=1).result
    assert first.receipt == "", "a query tells no receipt"
    assert stack.ledger(payment, "question"), "it was asked about"

    stack.call_back(payment)
    second = stack.await_outcome(payment, "SUCCEEDED", version=2).result
    execution, = stack.executions(payment)
    assert second.receipt == execution["receipt"]
    assert second.amount_moved_cents == 70000
    assert stack.topics.outcomes(payment) == [(0, "ACCEPTED"), (1, "SUCCEEDED"), (2, "SUCCEEDED")]


def test_a_payout_is_found_by_our_own_conversation_id(stack):
    payment = stack.send(b2c(B2C_CALLBACK_LOST, 800))
    result = stack.await_outcome(payment, "SUCCEEDED", version=1).result
    execution, = stack.executions(payment)
    assert result.receipt == execution["receipt"]
    questions = stack.ledger(payment, "question")
    assert {line["key"] for line in questions} == {payment.replace("-", "") + "-1"}
