"""The dispatcher's limits, shared by its replicas as rows of the database."""

import http.client
import json
import re

from contract import b2c
from mkondo_stack import eventually
from stories import QUOTA, THROTTLED, any_phone

PROVIDER, CREDENTIALS = 1, 2  # lane.breaker_reason


def events(stack, name, **fields):
    """The dispatcher's log lines of that event."""
    lines = (stack.folder / "log/dispatcher.log").read_text(errors="replace").splitlines()
    found = [json.loads(line) for line in lines if f'"event":"{name}"' in line]
    return [line for line in found if all(line.get(key) == value for key, value in fields.items())]


def questions(stack):
    """About payouts: the stack's own long story asks about a prompt all the time."""
    return [line for line in stack.ledger(kind="question") if line["api"] == "transaction_status"]


def token_number(stack):
    return stack.sql("select no from token where app = 'default'")[0][0]


def open_breaker(stack, reason):
    """As it stands when its time to be asked has come."""
    stack.sql("update lane set breaker_state = 1, breaker_reason = %s, breaker_until = now() where app = 'default' and lane = 1", reason)


def await_closed(stack):
    eventually("the breaker has closed", lambda: stack.sql("select breaker_state from lane where app = 'default' and lane = 1") == [(0,)])


def lane_line(stack, lane):
    return next(line for line in stack.tool("stats").splitlines() if line.split()[:2] == ["default", lane])


def gauge(stack, name, **labels):
    link = http.client.HTTPConnection("127.0.0.1", stack.admin["dispatcher"], timeout=5)
    link.request("GET", "/metrics")
    page = link.getresponse().read().decode()
    link.close()
    head = name + "{" + ",".join(f'{key}="{value}"' for key, value in labels.items()) + "} "
    return next(float(line[len(head):]) for line in page.splitlines() if line.startswith(head))


def test_a_used_up_quota_stops_the_lane_until_a_question_is_answered(stack):
    known = stack.send(b2c(any_phone(), 510))
    stack.await_outcome(known, "SUCCEEDED")
    before, asked = len(events(stack, "breaker.opened", lane="payout")), len(questions(stack))
    payment = stack.send(b2c(QUOTA, 515))
    stack.await_outcome(payment, "SUCCEEDED", version=1)
    opened = events(stack, "breaker.opened", lane="payout")[before:]
    assert [line["reason"] for line in opened] == ["quota"]
    assert events(stack, "breaker.probed", lane="payout", reason="quota")
    assert events(stack, "breaker.closed", lane="payout")
    # The question was about a payment that M-PESA knew, and the quota was no attempt: it was sent once more, and paid once.
    requests = stack.requests(payment)
    assert len(requests) == 2 and len(stack.executions(payment)) == 1
    assert len(questions(stack)) == asked + 1 and len(stack.ledger(known, "question")) == 1
    journal = stack.journal(payment)
    assert journal.count("CLAIMED") == 2 and journal.count("PUT_OFF") == 1
    assert stack.sql("select put_offs from payment_state where id = %s", payment) == [(0,)]
    assert "breaker closed" in lane_line(stack, "payout")


def test_a_restarted_dispatcher_finds_a_payment_to_ask_about(stack):
    """Though nothing waits behind the breaker, and the process remembers no payment."""
    known = stack.send(b2c(any_phone(), 511))
    stack.await_outcome(known, "SUCCEEDED")
    stack.restart("dispatcher")
    asked, token = len(questions(stack)), token_number(stack)
    open_breaker(stack, PROVIDER)
    await_closed(stack)
    assert len(questions(stack)) == asked + 1 and token_number(stack) == token
    stack.await_outcome(stack.send(b2c(any_phone(), 512)), "SUCCEEDED")


def test_credentials_are_probed_by_a_token_call(stack):
    asked, token = len(questions(stack)), token_number(stack)
    open_breaker(stack, CREDENTIALS)
    await_closed(stack)
    assert len(questions(stack)) == asked and token_number(stack) == token + 1


def test_without_a_token_a_retry_waits_and_first_sends_go_on(stack):
    """The budget is taken away for as long as the test looks: the payment is put back, never failed."""
    stack.sql("update lane set retry_tokens = 0, retry_at = now() + interval '30 s' where app = 'default' and lane = 1")
    payment = stack.send(b2c(THROTTLED, 520))
    eventually("its first try was throttled", lambda: "PUT_OFF" in stack.journal(payment))
    others = [stack.send(b2c(any_phone(), 521 + i)) for i in range(5)]
    for other in others:
        stack.await_outcome(other, "SUCCEEDED")
    assert stack.state(payment) == "RETRY" and len(stack.requests(payment)) == 1
    assert re.search(r" retry tokens 0\.0 .* slowed \d+ s ago", lane_line(stack, "payout"))
    eventually("an idle dispatcher tells it, too",
               lambda: gauge(stack, "mkondo_lane_retry_tokens", app="default", lane="payout") == 0)
    assert gauge(stack, "mkondo_lane_ceiling_calls_per_second", app="default", lane="payout") == 1000
    assert gauge(stack, "mkondo_lane_calls_per_second", app="default", lane="payout") < 900
    assert gauge(stack, "mkondo_breaker_open", app="default", lane="payout", reason="quota") == 0
    stack.sql("update lane set retry_at = now() where app = 'default' and lane = 1")
    stack.await_outcome(payment, "SUCCEEDED", version=1, seconds=40)
    assert len(stack.requests(payment)) == 4 and len(stack.executions(payment)) == 1
