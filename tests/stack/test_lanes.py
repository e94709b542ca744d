"""What all replicas may do together: one rate, one breaker, and what Daraja's throttling costs a payment. Two of each service."""

import collections
import datetime
import statistics
import time

import pytest

import pairs
from contract import b2c, encode, in_ms, stk
from load import Books, assert_each_paid_once, await_all, events, payout, prompt
from mkondo_stack import eventually

DISPATCHERS = ("dispatcher", "dispatcher.2")


@pytest.fixture
def stack(pair_stack):
    pair_stack.touched = []
    return pair_stack


def seconds_of(line):
    return datetime.datetime.fromisoformat(line["at"].replace("Z", "+00:00")).timestamp()


def most_in_a_second(times):
    """Of any second, wherever it begins."""
    most, first = 0, 0
    for last, at in enumerate(times):
        while at - times[first] >= 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


def usual_in_a_second(times):
    """The median over all the seconds that begin with a request: a moment in which the machine stood still is no loss of theirs."""
    whole = [at for at in times if at <= times[-1] - 1.0]
    return statistics.median(sum(at <= other < at + 1.0 for other in times) for at in whole)


def test_two_dispatchers_together_keep_the_ceiling_and_use_it(stack):
    """Fails when each dispatcher has a bucket of its own, when a bucket holds a burst on top of its rate, and when what is
    granted is not used."""
    sent = {name: stack.metric(name, "mkondo_sends_total") for name in DISPATCHERS}
    commands = [payout() for _ in range(8 * pairs.PAYOUT_CEILING)]
    for command in commands:
        stack.topics.send(command["id"], encode(command))
    stack.topics.flush()
    payments = [command["id"] for command in commands]
    await_all(stack, payments, seconds=40)
    assert_each_paid_once(stack, payments)

    books = Books(stack)
    times = sorted(seconds_of(line) for ident in payments for line in books.of(ident, "request"))
    assert most_in_a_second(times) <= pairs.PAYOUT_CEILING
    used = usual_in_a_second(times) / pairs.PAYOUT_CEILING
    print(f"{most_in_a_second(times)} requests in the fullest second, {used:.0%} of the ceiling in the usual one")
    assert used >= 0.85, f"{used:.0%} of the ceiling"
    shares = [stack.metric(name, "mkondo_sends_total") - sent[name] for name in DISPATCHERS]
    assert min(shares) > len(payments) / 10, f"both have a part in it: {shares}"


def opened(stack, lane, what="opened"):
    return sum(line.count(f'"breaker.{what}"') for name in DISPATCHERS for line in stack.log(name).splitlines()
               if f'"lane":"{lane}"' in line)


def test_five_hangs_stop_the_lane_until_a_question_is_answered(stack):
    """Fails when the breaker does not open, when it lets a payment try whether Daraja is well again, and when it stops
    other lanes, too."""
    known = [stack.send(payout()) for _ in range(12)]  # each dispatcher has payments to ask about
    await_all(stack, known)
    time.sleep(1.2)  # what went well is told to the others once a second, and ends a row of doubts
    before, closed = opened(stack, "payout"), opened(stack, "payout", "closed")
    stack.sim("/sim/scenario", **pairs.BROWN_OUT)
    hung = [stack.send(b2c(phone, 70)) for phone in pairs.HUNG]
    try:
        eventually("the breaker has opened", lambda: opened(stack, "payout") > before)
        held = [stack.send(payout()) for _ in range(10)]
        others = [stack.send(prompt()) for _ in range(10)]
        await_all(stack, others)
        asked = len(stack.ledger(kind="question"))
        time.sleep(2)  # two times at which it may ask: after half a second and after one more
        books = Books(stack)
        assert [books.requests(ident) for ident in held] == [0] * len(held)
        assert [books.requests(ident) for ident in hung] == [1] * len(hung)
        assert opened(stack, "payout", "closed") == closed
        eventually("a question is asked", lambda: len(stack.ledger(kind="question")) > asked)
    finally:
        stack.sim("/sim/scenario", **pairs.SCENARIO)
    await_all(stack, held)
    assert opened(stack, "payout", "closed") > closed

    # Nothing was sent between the last hang and the first answer to a question that was asked after it.
    lines = stack.ledger()
    last_hung = max(line["n"] for line in lines if line["kind"] == "answer" and line.get("how") == "hung")
    answered = min(line["n"] for line in lines if line["n"] > last_hung and line["kind"] == "answer"
                   and line["api"] == "transaction_status" and line["how"] == "sent")
    tried = min(line["n"] for line in lines if line["n"] > last_hung and line["kind"] == "request" and line["api"] == "b2c")
    assert tried > answered

    await_all(stack, hung, seconds=40)
    assert_each_paid_once(stack, [*known, *hung, *held, *others])
    assert events(stack, hung)["NO_WORD"] == len(hung)


@pytest.mark.parametrize("phone, times", [(pairs.THROTTLED, 3), (pairs.THROTTLED_LONG, 7)])
def test_throttling_does_not_cost_a_payment_its_attempts(stack, phone, times):
    """Seven are more than the five that end a payment. Fails when a throttled attempt counts for the limit of retries, or is
    taken for one that may have been executed."""
    payment = stack.send(stk(phone, 80, account="harbour", valid_until_ms=in_ms(600)))
    stack.await_outcome(payment, "SUCCEEDED", version=1, seconds=40)
    assert stack.journal(payment)[1:2 * times + 1] == ["CLAIMED", "PUT_OFF"] * times
    assert collections.Counter(stack.journal(payment))["CLAIMED"] == times + 1
    assert stack.sql("select put_offs, attempt from payment_state where id = %s", payment) == [(0, times + 1)]
    books = Books(stack)
    assert (books.requests(payment), books.executions(payment)) == (times + 1, 1)
    throttled = [line for line in books.of(payment, "answer") if line["code"].startswith("spike_arrest")]
    assert len(throttled) == times, "the scenario throttled it"
