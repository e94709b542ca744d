"""A shortcode registers for Pull once. A repeat has changed nothing, and says so."""

from newer import command
from stories import phone_for

BAD_FIELD = phone_for("pull_register", answer="error", error="invalid_remarks")
LOST = phone_for("pull_register", answer="lost_before")
NEW = phone_for("pull_register")


def register(phone):
    return command("pull_register", {"nominated_number": phone})


def asked(stack, phone):
    return [line for line in stack.ledger(kind="question") if line["api"] == "pull_register" and line.get("phone") == phone]


def test_what_the_gateway_refuses_is_failed(stack):
    assert stack.await_outcome(stack.send(register(BAD_FIELD)), "FAILED").result.cause.code == "daraja.400.002.02"
    assert len(asked(stack, BAD_FIELD)) == 1


def test_what_was_not_answered_is_not_sent_again(stack):
    payment = stack.send(register(LOST))
    stack.await_state(payment, "UNKNOWN")
    stack.end_the_day_of(payment)
    assert not stack.await_outcome(payment, "UNRESOLVED", version=1).result.final
    assert len(asked(stack, LOST)) == 1


def test_it_is_registered_once(stack):
    result = stack.await_outcome(stack.send(register(NEW)), "SUCCEEDED", version=1).result
    assert (result.answer.code, result.receipt, result.amount_moved_cents) == ("1000", "", 0)
    again = stack.await_outcome(stack.send(register(NEW)), "FAILED", version=1).result
    assert again.cause.code == "daraja.1001" and again.cause.advice
