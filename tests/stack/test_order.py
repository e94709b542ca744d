"""Hints say who is sent first. Whether anything is sent at all, and by whose account, is the row's to say."""

import http.client

import confluent_kafka

from contract import b2c, encode, stk
from mkondo_stack import eventually
from stories import any_phone


def hint(payment, priority=0, account=""):
    """proto/mkondo/v1/internal.proto, by hand: what is not told is left out, as an older release does."""
    told = b"\x0a\x24" + payment.encode()
    told += b"\x28" + bytes([priority]) if priority else b""
    return told + (b"\x32" + bytes([len(account)]) + account.encode() if account else b"")


def claims(stack, fate):
    link = http.client.HTTPConnection("127.0.0.1", stack.admin["dispatcher"], timeout=5)
    link.request("GET", "/metrics")
    text = link.getresponse().read().decode()
    link.close()
    return sum(float(line.split()[-1]) for line in text.splitlines()
               if line.startswith(f'mkondo_claims_total{{fate="{fate}"}}'))


def test_a_hint_that_is_wrong_about_its_account_or_tells_none_is_put_right(stack):
    assert stack.programs["dispatcher"].stop() == 0
    others, nobodys = stk(any_phone(), 410), b2c(any_phone(), 420)
    # Before ingest's hints, whichever partition these go to: a payment waits only once, and the first hint of it counts.
    producer = confluent_kafka.Producer({"bootstrap.servers": stack.cluster.bootstrap})
    for lane, wrong in (("interactive", hint(others["id"], account="harbour")), ("payout", hint(nobodys["id"])),
                        ("payout", hint(nobodys["id"], 3, "no such account"))):
        topic = f"{stack.prefix}dispatch.{lane}.v1"
        for partition in producer.list_topics(topic, 10).topics[topic].partitions:
            producer.produce(topic, wrong, partition=partition)
    assert producer.flush(20) == 0
    for command in (others, nobodys):
        stack.await_state(stack.send(command), "ACCEPTED")
    stack.start_service("dispatcher")
    stack.await_ready("dispatcher")
    for command in (others, nobodys):
        stack.await_outcome(command["id"], "SUCCEEDED")
        assert len(stack.executions(command["id"])) == 1
    assert claims(stack, "other_app") == 1


def sent_in_order(stack, payments):
    """By the order in which Daraja saw them."""
    names = {one.replace("-", ""): one for one in payments}
    return [names[line["payment"]] for line in stack.ledger(kind="request") if line.get("payment") in names]


def test_customers_who_wait_are_served_before_bulk_that_came_first(stack):
    stack.programs["dispatcher"].stop()
    bulk = [stk(any_phone(), 430, priority="BULK") for _ in range(30)]
    people = [stk(any_phone(), 440, priority="INTERACTIVE") for _ in range(3)]
    for command in bulk + people:
        stack.topics.send(command["id"], encode(command))
    stack.topics.flush()
    stack.touched = [command["id"] for command in people]
    for command in bulk + people:
        stack.await_state(command["id"], "ACCEPTED")
    stack.start_service("dispatcher", MKONDO_RATE_INTERACTIVE="5")
    everybody = [command["id"] for command in bulk + people]
    eventually("all have been sent", lambda: len(sent_in_order(stack, everybody)) >= len(everybody), 40)
    order = sent_in_order(stack, everybody)
    # The first ones may have left before the last hints were read.
    assert max(order.index(command["id"]) for command in people) < 15
    for one in everybody:
        stack.await_outcome(one, "SUCCEEDED")
        assert len(stack.executions(one)) == 1
    assert stack.programs["dispatcher"].stop() == 0
    stack.sql("update lane set rate = 1000 where lane = 0")
    stack.start_service("dispatcher")
    stack.await_ready("dispatcher")


def test_an_app_that_is_paused_holds_up_no_other(stack):
    stack.restart("ingest", MKONDO_ACCOUNTS_FILE=str(stack.folder / "keys/accounts.yaml"))
    stack.tool("pause", "interactive", "--app", "default")
    try:
        held = [stack.send(stk(any_phone(), 450, priority="INTERACTIVE")) for _ in range(20)]
        for payment in held:
            stack.await_state(payment, "ACCEPTED")
        passed = stack.send(stk(any_phone(), 460, account="harbour", priority="BULK"))
        stack.await_outcome(passed, "SUCCEEDED")
        assert {stack.state(payment) for payment in held} == {"ACCEPTED"}
    finally:
        stack.tool("resume", "interactive", "--app", "default")
        stack.restart("ingest")
    for payment in held:
        stack.await_outcome(payment, "SUCCEEDED")
        assert len(stack.executions(payment)) == 1
