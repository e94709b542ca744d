"""The id is the payment, for ever: a repeat is told what became of it, and nothing else happens."""

import pytest

from contract import JSON, PROTOBUF, b2c, fingerprint, stk
from mkondo_stack import eventually
from stories import any_phone


def await_one_more(stack, payment, count):
    return stack.topics.wait("one more result", lambda: len(stack.topics.results[payment]) > count
                             and stack.topics.results[payment][-1])


@pytest.mark.parametrize("again", [PROTOBUF, JSON])
def test_the_same_command_again_gets_the_same_bytes_again(stack, again):
    """In whichever encoding it is repeated."""
    command = b2c(any_phone(), 1700)
    payment = stack.send(command)
    first = stack.await_outcome(payment, "SUCCEEDED")
    count = stack.await_settled(payment)
    stack.send(command, again)
    repeat = await_one_more(stack, payment, count)
    assert repeat.same_bytes(first)
    assert len(stack.requests(payment)) == 1
    assert stack.sql("select count(*) from dead_letter where key = %s", payment.encode()) == [(0,)]


def test_what_is_not_content_may_differ(stack):
    """When it was made, how long it is valid, how urgent it is, and its notes."""
    command = stk(any_phone(), 1750)
    payment = stack.send(command)
    first = stack.await_outcome(payment, "SUCCEEDED")
    count = stack.await_settled(payment)
    stack.send({**command, "valid_until_ms": command["valid_until_ms"] + 5000, "created_at_ms": 17, "priority": "BULK",
                "metadata": {"try": "2"}})
    assert await_one_more(stack, payment, count).same_bytes(first)


def test_the_same_id_with_other_content_is_a_dead_letter_and_gets_the_first_payments_result(stack):
    command = stk(any_phone(), 1800)
    payment = stack.send(command)
    first = stack.await_outcome(payment, "SUCCEEDED")
    count = stack.await_settled(payment)
    other = {**command, "amount_cents": 180100}
    stack.send(other, JSON)
    repeat = await_one_more(stack, payment, count)
    assert repeat.same_bytes(first)
    assert repeat.result.fingerprint == fingerprint(command) != fingerprint(other)
    letter = stack.topics.wait("the dead letter", lambda: next(
        (one for one in stack.topics.dead_letters if one.key == payment), None))
    assert letter.header("mkondo_reason") == "id_reused"
    assert letter.header("content-type") == JSON and b"180100" in letter.value
    assert len(stack.requests(payment)) == 1
    assert [line["shillings"] for line in stack.executions(payment)] == [1800]


def test_a_repeat_while_the_payment_is_open_sends_nothing(stack):
    command = stk(any_phone(), 1850)
    for _ in range(5):
        payment = stack.send(command)
    stack.await_outcome(payment, "SUCCEEDED")
    assert len(stack.requests(payment)) == 1
    assert len(stack.executions(payment)) == 1


def test_a_rejected_command_stays_rejected_when_the_configuration_has_changed(stack):
    """The sender may have paid under another id by now."""
    command = stk(any_phone(), 1900, account="harbour")
    payment = stack.send(command)
    first = stack.await_outcome(payment, "REJECTED", version=1)
    assert (first.result.cause.field, first.result.final) == ("account", True)
    count = stack.await_settled(payment)

    stack.restart("ingest", MKONDO_ACCOUNTS_FILE=str(stack.folder / "keys/accounts.yaml"))
    try:
        stack.send(command)
        assert await_one_more(stack, payment, count).same_bytes(first)
        accepted = stack.send(stk(any_phone(), 1900, account="harbour"))
        stack.await_outcome(accepted, "SUCCEEDED")
    finally:
        stack.restart("ingest")
    assert stack.topics.outcomes(payment) == [(1, "REJECTED")]
    assert stack.ledger(payment) == []
    assert eventually("it is known as rejected", lambda: stack.sql("select rejected from payment where id = %s", payment)) == [(True,)]
