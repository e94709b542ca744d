"""A connection that is closed without a byte may have carried a payment: nothing below us may send it once more."""

import collections

from contract import encode, in_ms, stk
from mkondo_stack import eventually
from stories import CLOSED_EVERY, CLOSED_SHILLINGS, any_phone

PAYMENTS = 5000


def attempts_of(stack, payments):
    rows = stack.sql("select s.id::text, n.name, s.attempt from payment_state s join state_name n on n.no = s.state"
                     " where s.id = any(%s::uuid[])", list(payments))
    return {row[0]: (row[1], row[2]) for row in rows}


def never_sent(stack, payments):
    """Attempts that were claimed and then put off before a byte left, since the claim had become too old or the token."""
    rows = stack.sql("select payment_id::text, count(*) from journal where event = 'PUT_OFF' and cause = 'transport.not_sent'"
                     " and payment_id = any(%s::uuid[]) group by 1", list(payments))
    return collections.Counter(dict(rows))


def are_through(states):
    return len(states) == PAYMENTS and all(state not in ("ACCEPTED", "RETRY", "SENDING") for state, _ in states.values())


def test_the_server_saw_exactly_as_many_requests_as_there_were_attempts(stack):
    """A thousand times: of five thousand requests every fifth is read by the server, which then closes without a byte. The
    good answers between keep connections alive, and the breaker shut. Whether anything was sent again later is looked at
    once more when these payments are UNRESOLVED."""
    commands = [stk(any_phone(), CLOSED_SHILLINGS, valid_until_ms=in_ms(300)) for _ in range(PAYMENTS)]
    for command in commands:
        stack.topics.send(command["id"], encode(command))
    stack.topics.flush()
    payments = [command["id"] for command in commands]
    stack.touched = payments[:1]

    eventually("all have been sent", lambda: are_through(attempts_of(stack, payments)), 120, pause=0.5)
    states = attempts_of(stack, payments)
    requests = collections.defaultdict(list)
    for line in stack.ledger(kind="request"):
        requests[line["payment"]].append(line["request"])
    lost = {line["payment"]: line["request"] for line in stack.ledger(kind="answer") if line.get("how") == "lost"}
    stack.closed = [one for one in payments if one.replace("-", "") in lost]
    # Requests that were refused (a token that had just died) and came again are counted by the simulator too.
    assert len(stack.closed) >= PAYMENTS // CLOSED_EVERY

    unsent = never_sent(stack, payments)
    wrong = {one: (attempt, unsent[one], len(requests[one.replace("-", "")])) for one, (_, attempt) in states.items()
             if attempt - unsent[one] != len(requests[one.replace("-", "")])}
    assert wrong == {}, "payment: (attempts, of them never sent, requests)"
    for one in payments:
        if one in stack.closed:
            assert states[one][0] == "UNKNOWN", "in doubt"
            assert max(requests[one.replace("-", "")]) == lost[one.replace("-", "")], "and never sent again"
        else:
            stack.await_outcome(one, "SUCCEEDED")
    stack.closed_requests = {one: len(requests[one.replace("-", "")]) for one in stack.closed}
