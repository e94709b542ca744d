"""When the horizon has passed without proof, the result says so, and promises nothing; later proof makes a new version."""

import collections

import pytest

HORIZON_S = 60  # two hours on the tests' clock are 36 s; these payments were sent when the tests began


def test_a_late_success_after_unresolved_is_published_as_version_2(stack):
    payment = stack.unresolved
    stack.touched = [payment]
    first = stack.await_outcome(payment, "UNRESOLVED", version=1, seconds=HORIZON_S).result
    assert not first.final and first.receipt == "" and first.amount_moved_cents == 0
    execution, = stack.executions(payment)

    stack.call_back(payment)
    second = stack.await_outcome(payment, "SUCCEEDED", version=2).result
    assert (second.receipt, second.amount_moved_cents, second.final) == (execution["receipt"], 50000, True)
    assert stack.topics.outcomes(payment) == [(0, "ACCEPTED"), (1, "UNRESOLVED"), (2, "SUCCEEDED")]
    assert len(stack.requests(payment)) == 1


def test_what_was_closed_on_is_unresolved_and_was_never_sent_again(stack):
    """Nothing ever came back about these, and M-PESA has no id of theirs that could be asked about."""
    if not stack.closed:
        pytest.skip("test_closed_after_reading.py did not run")
    for payment in stack.closed:
        stack.await_outcome(payment, "UNRESOLVED", version=1, seconds=HORIZON_S)
        assert stack.topics.outcomes(payment) == [(0, "ACCEPTED"), (1, "UNRESOLVED")]
    seen = collections.Counter(line["payment"] for line in stack.ledger(kind="request"))
    assert {payment: seen[payment.replace("-", "")] for payment in stack.closed} == stack.closed_requests
