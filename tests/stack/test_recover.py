"""A PostgreSQL that was restored to an older state has forgotten what was sent since. The dispatcher's send journal has not:
nothing is sent until that is put right, and then everything is executed once."""

import contextlib
import time

import confluent_kafka
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


def read_again(stack, group, topic):
    """What an operator does with kafka-consumer-groups --reset-offsets, while nobody is in the group."""
    consumer = confluent_kafka.Consumer({"bootstrap.servers": stack.cluster.bootstrap, "group.id": stack.prefix + group,
                                         "enable.auto.commit": False})
    name = stack.prefix + topic
    partitions = consumer.list_topics(name, timeout=20).topics[name].partitions
    consumer.commit(offsets=[confluent_kafka.TopicPartition(name, partition, 0) for partition in partitions],
                    asynchronous=False)
    consumer.close()


def log(stack, service):
    return (stack.folder / f"log/{service}.log").read_text(errors="replace")


def recover(stack, *words):
    return stack.tool("recover", "--journal", str(stack.folder / "journal/dispatcher"), *words, check=False)


def requests(stack, payments):
    return [len(stack.ledger(payment, "request")) for payment in payments]


def restore(stack):
    """Three payments are in the backup, not sent yet; then they are paid, and so is one that the backup does not know."""
    stack.programs["dispatcher"].stop()
    backed_up = [stack.send(command(b2c, 0)), stack.send(command(b2c, 1)), stack.send(command(stk, 2))]
    for payment in backed_up:
        stack.await_state(payment, "ACCEPTED")
    stop_all(stack)
    server(stack, "create database backup template recover")
    connect(stack)
    start(stack, *SERVICES)
    newer = stack.send(command(stk, 3))
    for payment in (*backed_up, newer):
        stack.await_outcome(payment, "SUCCEEDED", version=1)
    stop_all(stack)
    server(stack, "drop database recover", "alter database backup rename to recover")
    connect(stack)
    return backed_up, newer


def test_after_a_restore_nothing_is_sent_again(stack):
    backed_up, newer = restore(stack)
    everyone = [*backed_up, newer]

    start(stack, "dispatcher")
    eventually("the dispatcher has frozen itself", lambda: '"dispatch.frozen"' in log(stack, "dispatcher"))
    (frozen, why), = stack.sql("select frozen, why from dispatch_freeze")
    assert frozen and why.startswith("4 payments")
    assert "FROZEN" in stack.tool("stats")
    time.sleep(3)  # due sends are taken without a hint after one
    assert requests(stack, everyone) == [1, 1, 1, 1]

    said = recover(stack)
    assert "4 of them are not known as sent, and 1 of these are not there" in said, said
    assert [stack.state(payment) for payment in backed_up] == ["ACCEPTED"] * 3, "nothing is done without --yes"
    said = recover(stack, "--yes")
    assert "3 payments are in doubt now" in said and "stays frozen" in said, said
    assert [stack.state(payment) for payment in backed_up] == ["UNKNOWN"] * 3
    assert "FROZEN" in stack.tool("stats")

    read_again(stack, "ingest", "commands.v1")
    start(stack, "ingest")
    stack.await_state(newer, "ACCEPTED")
    time.sleep(3)
    assert requests(stack, everyone) == [1, 1, 1, 1]
    said = recover(stack, "--yes")
    assert "1 payments are in doubt now" in said and "dispatching goes on" in said, said
    assert "FROZEN" not in stack.tool("stats")

    read_again(stack, "reconciler", "callbacks.v1")
    start(stack, "reconciler", "webhook", "poller")
    for payment in everyone:
        stack.await_state(payment, "SUCCEEDED")
        assert "RECOVERED" in stack.journal(payment)
        assert len(stack.executions(payment)) == 1
    after = stack.send(command(stk, 4))
    stack.await_outcome(after, "SUCCEEDED", version=1)
    assert requests(stack, [*everyone, after]) == [1, 1, 1, 1, 1]


def test_a_new_connection_is_asked_what_it_knows(stack):
    """A failover that lost a commit: the dispatcher runs on, and its next connection is to a server that knows less."""
    payment = stack.send(command(b2c, 5))
    stack.await_outcome(payment, "SUCCEEDED", version=1)
    stack.await_settled(payment)
    alarms = log(stack, "dispatcher").count('"dispatch.frozen"')
    stack.sql("update payment_state set attempt = 0, gen = 0, state = 0, result_ver = 0, receipt = '' where id = %s", payment)
    other = stack.send(command(stk, 6))
    stack.await_outcome(other, "SUCCEEDED", version=1)  # nobody has looked: the connection is the same

    stack.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mkondo-dispatcher'"
              " and datname = current_database()")
    eventually("it is frozen", lambda: log(stack, "dispatcher").count('"dispatch.frozen"') == alarms + 1)
    waiting = stack.send(command(stk, 7))
    time.sleep(2)
    assert requests(stack, [payment, waiting]) == [1, 0]
    assert "dispatching goes on" in recover(stack, "--yes")
    stack.await_outcome(waiting, "SUCCEEDED", version=1)
    stack.await_state(payment, "SUCCEEDED")
    assert requests(stack, [payment, waiting]) == [1, 1]
