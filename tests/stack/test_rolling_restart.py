"""Every process is stopped and started again, one after the other, while payments come: a new release on a working day."""

import collections
import time

import pytest

from load import Load, assert_each_paid_once, await_all, events

# Of a stop in order; what is above it is killed by whoever runs mkondo. MKONDO_DRAIN is 40 s, the dispatcher's own bound 35 s.
MOST_S = {"dispatcher": 35, "ingest": 40, "webhook": 40, "reconciler": 40, "poller": 40}


@pytest.fixture
def stack(pair_stack):
    pair_stack.touched = []
    return pair_stack


def test_a_rolling_restart_is_noticed_by_nobody(stack):
    """Fails when a service drops what it has in hand on SIGTERM, or does not end in time, or with an error: then commands are lost,
    callbacks refused, or payments left in doubt."""
    letters, callbacks = len(stack.topics.dead_letters), len(stack.ledger(kind="callback_answer"))
    took = {}
    with Load(stack, 30) as load:
        time.sleep(0.5)
        for name in stack.services:
            program = stack.programs[name]
            start = time.monotonic()
            code = program.stop(MOST_S[name.partition(".")[0]])
            took[name] = round(time.monotonic() - start, 1)
            assert code == 0, f"{name} ended with {code} after {took[name]} s\n{stack.log_tail(name)}"
            stack.start_service(name)
            stack.await_ready(name)
        time.sleep(0.5)
    print(f"{len(load.sent)} payments; seconds to stop: {took}")
    await_all(stack, load.sent)
    assert_each_paid_once(stack, load.sent)

    expected = collections.Counter({event: len(load.sent) for event in ("CLAIMED", "TAKEN", "CONFIRMED")})
    seen = events(stack, load.sent)
    assert {event: seen.get(event, 0) for event in expected} == expected, f"each went its way without a detour: {seen}"
    assert not set(seen) & {"NO_WORD", "LEASE_OUT", "PUT_OFF", "HORIZON"}, seen
    answers = stack.ledger(kind="callback_answer")[callbacks:]
    assert collections.Counter(line["http"] for line in answers) == {200: len(answers)}
    assert len(answers) >= len(load.sent)
    assert len(stack.topics.dead_letters) == letters
    assert [stack.topics.outcomes(ident) for ident in load.sent] == [[(0, "ACCEPTED"), (1, "SUCCEEDED")]] * len(load.sent)
