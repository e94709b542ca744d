"""One payment that the database refuses to move holds up no other: its answer, its callback and its timers are parked, a person is
told, and it goes on once the database lets it."""

from contract import b2c, stk
from mkondo_stack import eventually
from stories import STK_ANSWER_LOST, any_phone


def alarms(stack, service, event):
    return stack.log(service).count(f'"level":"alarm","service":"{service}","event":"{event}"')


def test_a_payment_that_cannot_be_moved_holds_up_no_other(stack):
    """Fails when a batch is repeated whole for ever: the store thread would settle and claim nothing more, the poller would end."""
    stack.tool("pause", "payout")
    told = alarms(stack, "dispatcher", "answer.parked"), alarms(stack, "poller", "payment.parked")
    poisoned = b2c(any_phone(), 510)
    ident = poisoned["id"]
    stack.send(poisoned)
    stack.await_state(ident, "ACCEPTED")
    # From the claim on: CLAIMED may be written, and nothing behind it.
    stack.sql(f"alter table journal add constraint poison check (payment_id <> '{ident}' or event in ('ACCEPTED', 'CLAIMED'))")
    try:
        # Others whose timers are due together with its own.
        lost = [stack.send(stk(STK_ANSWER_LOST, 520))]
        stack.tool("resume", "payout")
        eventually("the answer is parked", lambda: alarms(stack, "dispatcher", "answer.parked") > told[0])
        eventually("the lease is parked", lambda: alarms(stack, "poller", "payment.parked") > told[1])
        others = [stack.send(b2c(any_phone(), 530)) for _ in range(10)]
        for payment in others + lost:
            stack.await_outcome(payment, "SUCCEEDED")
            assert len(stack.executions(payment)) == 1
        assert stack.state(ident) == "SENDING"
        for service in ("dispatcher", "poller", "reconciler"):
            assert stack.programs[service].runs()
    finally:
        stack.sql("alter table journal drop constraint poison")
    # The parked timer comes an hour of scaled time later: it is found in doubt, asked about, and paid once.
    stack.await_outcome(ident, "SUCCEEDED", seconds=60)
    assert len(stack.executions(ident)) == 1
