"""Between the claim and the send: whatever happens there, a request that is not made in time is not made, and one whose claim
may be lost is not made at all."""

import contextlib
import time

import psycopg2
import pytest

from contract import b2c, in_ms
from load import Books, assert_each_paid_once, await_all, new_phone
from mkondo_stack import eventually


@pytest.fixture
def stack(outage_stack):
    outage_stack.touched = []
    return outage_stack


def payout(stack):
    return stack.send(b2c(new_phone(), 120, valid_until_ms=in_ms(600)))


# The commit of a first claim takes a while, less than a claim may be old when it is sent: time to stop the dispatcher inside of
# it. The commit goes on without it.
SLOW_COMMITS = """
create function dawdle() returns trigger language plpgsql as 'begin perform pg_sleep(0.15); return null; end';
create constraint trigger dawdle after insert on journal deferrable initially deferred
    for each row when (new.event = 'CLAIMED' and new.attempt = 1) execute function dawdle();
"""


@contextlib.contextmanager
def slow_commits(stack):
    stack.sql(SLOW_COMMITS)
    try:
        yield
    finally:
        stack.sql("drop trigger dawdle on journal; drop function dawdle()")


def is_committing(stack):
    return stack.sql("select 1 from pg_stat_activity where application_name = 'mkondo-dispatcher' and wait_event = 'PgSleep'"
                     " and datname = current_database()")


def test_a_dispatcher_that_was_stopped_after_its_claim_does_not_send(stack):
    """It wakes up with a claim that was committed for it and that the poller has given up. Fails when the age of a claim is not
    looked at before the first byte: then the request goes out after all, by a claim that is in doubt."""
    dispatcher, gaps = stack.programs["dispatcher"], 0
    payments = []
    with slow_commits(stack):
        for _ in range(3):
            payment = payout(stack)
            payments.append(payment)
            eventually("its claim is being committed", lambda: is_committing(stack), pause=0.005)
            dispatcher.pause()
            try:
                stack.await_state(payment, "UNKNOWN")  # committed, and its lease has run out
                time.sleep(0.3)
                assert dispatcher.is_paused() and Books(stack).requests(payment) == 0
                gaps += [event for event in stack.journal(payment) if event != "ASKED"][-2:] == ["CLAIMED", "LEASE_OUT"]
            finally:
                dispatcher.go_on()
            eventually("it has said that it did not send it", lambda p=payment: "PUT_OFF" in stack.journal(p))
    assert gaps == len(payments), "each was stopped between its claim and its send"
    await_all(stack, payments)
    assert_each_paid_once(stack, payments)
    for payment in payments:
        journal = stack.journal(payment)
        # One request: the first claim's was not made.
        assert journal.count("CLAIMED") == 1 + journal.count("PUT_OFF"), journal


@contextlib.contextmanager
def no_standby(stack):
    """Every COMMIT that wrote something waits for a standby that does not exist."""
    with contextlib.closing(psycopg2.connect(stack.cluster.postgres)) as link:
        link.autocommit = True
        cursor = link.cursor()
        cursor.execute("alter system set synchronous_standby_names = 'nobody'")
        cursor.execute("select pg_reload_conf()")
        try:
            yield cursor
        finally:
            cursor.execute("alter system reset synchronous_standby_names")
            cursor.execute("select pg_reload_conf()")


def test_a_claim_whose_wait_for_the_standby_was_cancelled_is_not_sent(stack):
    """PostgreSQL then says COMMIT, and a WARNING that the claim may be lost. Fails when the warning is not heeded: after a failover
    that forgot the claim the payment would be sent again."""
    stack.tool("pause", "payout")
    payments = [payout(stack) for _ in range(3)]
    for payment in payments:
        stack.await_state(payment, "ACCEPTED")
    warned = stack.log("dispatcher").count('"store.warned"')
    # Its other commits would wait, too, and be cancelled first: of what lanes have seen, and of a new token.
    time.sleep(1.2)
    eventually("the tokens are young", lambda: stack.sql("select 1 from token having min(made_at) > now() - interval '7 s'"))
    with no_standby(stack) as server:
        stack.sql("set synchronous_commit = local")  # this link waits for nobody
        stack.sql("update lane set paused = false")

        def cancelled():
            # The poller's, too: it keeps its locks while it waits, and a claim would wait for these.
            server.execute("select pg_cancel_backend(pid) from pg_stat_activity where datname = %s and wait_event = 'SyncRep'",
                           (stack.name,))
            return all(stack.state(payment) not in ("ACCEPTED", "") for payment in payments)
        eventually("the claims stand, and nobody waits for them", cancelled)
        eventually("the dispatcher was warned", lambda: stack.log("dispatcher").count('"store.warned"') > warned)
        assert all("CLAIMED" in stack.journal(payment) for payment in payments)
        stack.sql("reset synchronous_commit")
        time.sleep(1)  # longer than a claim may be sent
        books = Books(stack)
        assert [books.requests(payment) for payment in payments] == [0] * len(payments)
    for payment in payments:
        stack.await_state(payment, "UNKNOWN")
        assert stack.journal(payment)[-1] in ("LEASE_OUT", "ASKED")
    after = payout(stack)
    await_all(stack, [after])
    time.sleep(2)
    stack.end_the_day()
    await_all(stack, payments, "UNRESOLVED")
    books = Books(stack)
    assert [(books.requests(payment), books.executions(payment)) for payment in payments] == [(0, 0)] * len(payments)
    assert_each_paid_once(stack, [after])
