"""PostgreSQL is away for a while (STACK_OUTAGE_S seconds, 15 unless told otherwise), while requests are under way."""

import collections
import contextlib
import time

import pytest

import outages
from contract import b2c, in_ms, stk
from load import Books, Load, assert_each_paid_once, await_all, events, new_phone
from mkondo_stack import eventually


@pytest.fixture
def stack(outage_stack):
    outage_stack.touched = []
    return outage_stack


@contextlib.contextmanager
def no_postgres(stack):
    stack.cluster.kill_postgres()
    try:
        yield
    finally:
        stack.cluster.start_postgres()
        stack.connect()


def send(stack, make, phones):
    return [stack.send(make(phone, 160, valid_until_ms=in_ms(600))) for phone in phones]


def await_requests(stack, payments):
    def all_sent():
        books = Books(stack)
        return all(books.requests(payment) for payment in payments)
    eventually("the requests are under way", all_sent, pause=0.02)


def await_answers(stack, payments):
    def all_answered():
        books = Books(stack)
        return all([line for line in books.of(payment, "answer") if line["how"] == "sent"] for payment in payments)
    eventually("M-PESA has answered", all_answered)


def assert_known_from_the_answer(stack, payments):
    """Prompts whose callback never comes: without the CheckoutRequestID of the answer nobody could ask about them."""
    assert events(stack, payments).get("TAKEN") == len(payments)


def test_answers_that_come_while_postgresql_is_away_are_settled_after_its_return(stack):
    """Fails when an answer is dropped because it could not be stored, when a callback or a command is, and when a payment is sent
    once more because its claim's fate was not known."""
    slow = send(stack, b2c, outages.SLOW[:5]) + send(stack, stk, outages.SLOWER[:5])
    await_requests(stack, slow)
    callbacks = len(stack.ledger(kind="callback_answer"))  # of these there was none yet
    with no_postgres(stack):
        start = time.monotonic()
        with Load(stack, 10) as load:  # senders go on, too
            await_answers(stack, slow)
            time.sleep(max(0.0, start + outages.OUTAGE_S - time.monotonic()))
            # The webhook needs no PostgreSQL.
            answers = stack.ledger(kind="callback_answer")[callbacks:]
            assert collections.Counter(line["http"] for line in answers) == {200: 5}
            before = Books(stack)
            assert sum(before.requests(payment) for payment in load.sent) == 0, "nothing is sent without a claim"
    await_all(stack, slow + load.sent, seconds=outages.SETTLED_S)
    assert_each_paid_once(stack, slow + load.sent)
    assert_known_from_the_answer(stack, slow[5:])
    for service in stack.services:
        stack.await_ready(service)


def test_answers_come_out_of_the_send_journal_after_a_crash(stack):
    """The dispatcher dies while PostgreSQL is away, with answers in hand. Fails when these were not written down, or are not
    read again."""
    slow = send(stack, stk, outages.SLOWER[5:])
    await_requests(stack, slow)
    with no_postgres(stack):
        await_answers(stack, slow)
        time.sleep(1.5)  # PostgreSQL is tried once more every half second, and then the answers are written down
        stack.kill("dispatcher")
        stack.start_service("dispatcher")
        time.sleep(2)
        assert stack.programs["dispatcher"].runs(), "it waits"
    stack.await_ready("dispatcher")
    await_all(stack, slow, seconds=40)
    assert_each_paid_once(stack, slow)
    assert_known_from_the_answer(stack, slow)
