"""A PostgreSQL that was restored to an older state has forgotten what was sent since. The dispatcher's send journal has not, and
neither has attempts.v1: nothing is sent until that is put right, and then everything is executed once."""

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


def command(make, number, valid_s=600):
    return make(PHONES[number], 100 + number, valid_until_ms=in_ms(valid_s))


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


def count(stack, service, event):
    return log(stack, service).count(f'"{event}"')


def recover(stack, *words):
    return stack.tool("recover", "--journal", str(stack.folder / "journal/dispatcher"), *words, check=False)


def new_host(stack, name):
    """Where the send journal of a dispatcher that never ran before is; as settings."""
    folder = stack.folder / "journal" / name
    folder.mkdir(exist_ok=True)
    return {"MKONDO_SEND_JOURNAL_DIR": str(folder)}


def requests(stack, payments):
    return [len(stack.requests(payment)) for payment in payments]


def restore(stack, first=0, valid_s=600):
    """Three payments are in the backup, not sent yet; then they are paid, and so is one that the backup does not know."""
    stack.programs["dispatcher"].stop()
    backed_up = [stack.send(command(make, first + number, valid_s)) for number, make in enumerate((b2c, b2c, stk))]
    for payment in backed_up:
        stack.await_state(payment, "ACCEPTED")
    stop_all(stack)
    server(stack, "create database backup template recover")
    connect(stack)
    start(stack, *SERVICES)
    newer = stack.send(command(stk, first + 3))
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


def test_a_new_host_reads_what_others_have_sent(stack):
    """The older database is restored, and the host with the send journal is gone. The poller is the first to run: to it the
    payments have expired."""
    until = time.time() + 20
    backed_up, newer = restore(stack, first=8, valid_s=20)
    everyone = [*backed_up, newer]
    alarms = count(stack, "dispatcher", "dispatch.frozen")
    time.sleep(max(0, until + 1 - time.time()))

    start(stack, "poller")
    eventually("the poller waits", lambda: '"for":"the word of a dispatcher"' in log(stack, "poller"))
    time.sleep(2)
    assert [stack.state(payment) for payment in backed_up] == ["ACCEPTED"] * 3

    waits = count(stack, "poller", "timers.wait")
    stack.restart("poller")
    eventually("it waits again", lambda: count(stack, "poller", "timers.wait") > waits)
    stack.start_service("dispatcher", **new_host(stack, "second"))
    eventually("the dispatcher has frozen itself", lambda: count(stack, "dispatcher", "dispatch.frozen") == alarms + 1)
    (frozen, why), = stack.sql("select frozen, why from dispatch_freeze")
    assert frozen and why.startswith("4 payments were sent (attempts.v1)"), why
    time.sleep(3)
    assert [stack.state(payment) for payment in backed_up] == ["ACCEPTED"] * 3
    assert requests(stack, everyone) == [1, 1, 1, 1]

    read_again(stack, "ingest", "commands.v1")
    start(stack, "ingest")
    stack.await_state(newer, "ACCEPTED")
    stack.topics.producer.produce(f"{stack.prefix}attempts.v1", value=b"\xff no note")
    assert stack.topics.producer.flush(10) == 0
    said = stack.tool("recover", "--yes", check=False)
    assert "dispatching goes on" in said, said
    read_again(stack, "reconciler", "callbacks.v1")
    start(stack, "reconciler", "webhook")
    for payment in everyone:
        stack.await_state(payment, "SUCCEEDED")
        assert "EXPIRED" not in stack.journal(payment)
        assert len(stack.executions(payment)) == 1
    after = stack.send(command(stk, 12))
    stack.await_outcome(after, "SUCCEEDED", version=1)
    assert requests(stack, [*everyone, after]) == [1, 1, 1, 1, 1]


def test_without_kafka_only_a_send_journal_lets_a_dispatcher_go_on(stack):
    for service in ("dispatcher", "poller"):  # the poller would take the timers that the dispatcher goes by, again and again
        stack.programs[service].stop()
    waiting = [stack.send(command(b2c, 13)), stack.send(command(b2c, 14))]
    for payment in waiting:
        stack.await_state(payment, "ACCEPTED")
    stack.cluster.kill_kafka()
    try:
        stack.start_service("dispatcher", **new_host(stack, "third"))
        eventually("it waits for Kafka", lambda: count(stack, "dispatcher", "dispatch.waits_for_kafka") == 1)
        time.sleep(4)
        assert not stack.is_ready("dispatcher")
        assert requests(stack, waiting) == [0, 0]
        stack.programs["dispatcher"].stop()

        # The one that has sent within the hour goes on, from the timers.
        stack.start_service("dispatcher", **new_host(stack, "second"))
        for payment in waiting:
            eventually(f"{payment} was sent", lambda: requests(stack, [payment]) == [1])
        compared = count(stack, "dispatcher", "attempts.compared")
        stack.programs["dispatcher"].stop()
        stack.start_service("dispatcher", **new_host(stack, "fourth"))
        eventually("the next waits for Kafka", lambda: count(stack, "dispatcher", "dispatch.waits_for_kafka") == 2)
    finally:
        stack.cluster.start_kafka()
    eventually("attempts.v1 is read", lambda: count(stack, "dispatcher", "attempts.compared") > compared, 40)
    stack.await_ready("dispatcher")
    start(stack, "poller")
    for payment in waiting:
        stack.await_state(payment, "SUCCEEDED")
    assert requests(stack, waiting) == [1, 1]
    after = stack.send(command(stk, 15))
    stack.await_outcome(after, "SUCCEEDED", version=1)
