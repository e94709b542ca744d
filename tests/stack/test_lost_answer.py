"""A request whose answer is lost may have been executed: it is never sent again, and never FAILED."""

from contract import b2c, stk
from stories import B2C_ANSWER_LOST, DUPLICATE, STK_ANSWER_LOST


def assert_paid_by_one_request(stack, payment):
    result = stack.await_outcome(payment, "SUCCEEDED", version=1).result
    execution, = stack.executions(payment)
    assert result.receipt == execution["receipt"]
    assert len(stack.requests(payment)) == 1
    journal = stack.journal(payment)
    assert "NO_WORD" in journal or "LEASE_OUT" in journal, "it was in doubt"
    assert stack.topics.outcomes(payment) == [(0, "ACCEPTED"), (1, "SUCCEEDED")]
    return journal


def test_a_payout_whose_answer_was_lost_is_found_by_asking(stack):
    payment = stack.send(b2c(B2C_ANSWER_LOST, 900))
    assert_paid_by_one_request(stack, payment)
    assert stack.ledger(payment, "question")


def test_a_prompt_whose_answer_was_lost_is_settled_by_its_callback(stack):
    payment = stack.send(stk(STK_ANSWER_LOST, 950))
    assert_paid_by_one_request(stack, payment)


def test_duplicate_originator_id_means_in_doubt(stack):
    """Daraja says that it knows the id: it may have executed it, so this is no failure, and it is asked."""
    payment = stack.send(b2c(DUPLICATE, 1100))
    assert "NO_WORD" in assert_paid_by_one_request(stack, payment)
    answers = [line["code"] for line in stack.ledger(payment, "answer") if line["api"] == "b2c"]
    assert answers == ["error"], "the scenario answered with the error"
    assert stack.ledger(payment, "question")
