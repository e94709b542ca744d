"""A PostgreSQL that was restored to an older state has forgotten what was sent since. The dispatcher's send journal has not:
nothing is sent until that is put right, and then everything is executed once."""

import contextlib
import time

import psycopg2
import pytest

from contract import b2c, in_ms, stk
from mkondo_stack import SERVICES, Stack, eventually

SCENARIO = {"defaults": {"result": "paid", "shape": "any"}, "rules": []}
PHONES = [f"2547900000{number:02d}" for number in range(20)]


@pytest.fixture(scope="module")
def restored(cluster):
    stack = Stack(cluster, "recover", SCENARIO)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def stack(restored):
    restored.touched = []
    return restored


def command(make, number):
    return make(PHONES[number], 100 + number, valid_until_ms=in_ms(600))


def stop_all(stack):
    for service in SERVICES:
        stack.programs[service].stop()
    stack.link.close()


def start(stack, *services):
    for service in services:
        stack.start_service(service)
    for service in services:
        stack.await_ready(service)


def connect(stack):
    stack.link = psycopg2.connect(stack.dsn)
    stack.link.autocommit = True


def server(stack, *statements):
    """What no connection of the database itself may do."""
    with contextlib.closing(psycopg2.connect(stack.cluster.postgres)) as link:
        link.autocommit = True
        for statement in statements:
            link.cursor().execute(statement)


def log(stack, service):
    return (stack.folder / f"log/{service}.log").read_text(errors="replace")


def test_after_a_restore_nothing_is_sent_again(stack):
    stack.programs["dispatcher"].stop()
    backed_up = [stack.send(command(b2c, 0)), stack.send(command(b2c, 1)), stack.send(command(stk, 2))]
    for payment in backed_up:
        stack.await_state(payment, "ACCEPTED")
    stop_all(stack)
    server(stack, "create database backup template recover")
    connect(stack)
    start(stack, *SERVICES)
    for payment in backed_up:
        stack.await_outcome(payment, "SUCCEEDED", version=1)
    stop_all(stack)
    server(stack, "drop database recover", "alter database backup rename to recover")
    connect(stack)

    start(stack, "dispatcher", "ingest")
    eventually("the dispatcher has frozen itself", lambda: '"dispatch.frozen"' in log(stack, "dispatcher"))
    (frozen, why), = stack.sql("select frozen, why from dispatch_freeze")
    assert frozen and why.startswith("3 payments")
    assert "FROZEN" in stack.tool("stats")
    later = stack.send(command(stk, 3))
    stack.await_state(later, "ACCEPTED")
    time.sleep(3)  # due sends are taken without a hint after one
    for payment in backed_up:
        assert stack.state(payment) == "ACCEPTED"
        assert len(stack.ledger(payment, "request")) == 1
    assert not stack.ledger(later, "request")
