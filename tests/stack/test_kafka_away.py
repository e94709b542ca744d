"""Kafka is away for a while (STACK_OUTAGE_S seconds, 15 unless told otherwise): payments go on, their results come later."""

import collections
import time

import pytest

from contract import b2c, in_ms, stk
from load import Books, Load, assert_each_paid_once, await_all, new_phone, newest_outcome
from mkondo_stack import eventually
from outages import OUTAGE_S


@pytest.fixture
def stack(outage_stack):
    outage_stack.touched = []
    return outage_stack


def test_payments_go_on_without_kafka_and_results_come_after_it(stack):
    """Fails when a claim needs a hint (or the poller takes the timers and tells nobody), when a callback that was not acknowledged is said to be taken, when a result that could
    not be published is forgotten, and when a command is."""
    for lane in ("interactive", "payout"):
        stack.tool("pause", lane)
    accepted = [stack.send(b2c(new_phone(), 130, valid_until_ms=in_ms(600))) for _ in range(30)]
    for payment in accepted:
        stack.await_outcome(payment, "ACCEPTED", version=0)
    dying = [stack.send(stk(new_phone(), 140, valid_until_ms=in_ms(8))) for _ in range(5)]
    for payment in dying:
        stack.await_outcome(payment, "ACCEPTED", version=0)
    stack.programs["poller"].pause()  # no more hints
    time.sleep(0.5)
    stack.restart("dispatcher")  # those that have been read are forgotten: what goes on now goes on from the timers
    callbacks = len(stack.ledger(kind="callback_answer"))

    stack.cluster.kill_kafka()
    start = time.monotonic()
    try:
        stack.programs["poller"].go_on()
        stack.tool("resume", "payout")

        def all_sent():
            books = Books(stack)
            return all(books.requests(payment) == 1 for payment in accepted)
        eventually("all that was accepted is sent", all_sent)
        for payment in accepted:
            stack.await_state(payment, "PENDING")  # settled by a callback or a question, and both go by Kafka
        for payment in dying:
            stack.await_state(payment, "FAILED")  # its lane is paused until it is too late
        assert stack.sql("select 1 from owed where ids @> %s::uuid[]", [dying[0]])
        time.sleep(max(0.0, start + OUTAGE_S - time.monotonic()))
        # Kafka has none of these, and nobody was told that it has.
        answers = stack.ledger(kind="callback_answer")[callbacks:]
        assert len(answers) == len(accepted)
        assert collections.Counter(line["http"] for line in answers) == {503: len(accepted)}
        assert {newest_outcome(stack, payment) for payment in accepted} == {"ACCEPTED"}
    finally:
        stack.cluster.start_kafka()
        stack.tool("resume", "interactive")
    await_all(stack, accepted, seconds=40)
    await_all(stack, dying, "FAILED")

    # It comes back on a working day, and everybody finds it.
    with Load(stack, 20) as load:
        time.sleep(2)
    await_all(stack, load.sent, seconds=40)
    assert_each_paid_once(stack, [*accepted, *load.sent])
    for payment in accepted:
        assert stack.topics.outcomes(payment) == [(0, "ACCEPTED"), (1, "SUCCEEDED")]
    assert Books(stack).requests(dying[0]) == 0
    for service in stack.services:
        stack.await_ready(service)
