"""One PostgreSQL and one Kafka for all tests, and one stack for the stories. What takes long is sent when the stack comes
up and looked at by the last tests. The stacks of pairs.py and outages.py come up when the first test wants them."""

import pytest

import outages
import pairs
from contract import stk
from mkondo_stack import Cluster, Stack
from stories import SCENARIO, UNRESOLVED_PHONE

# What needs time comes early, and what waits for it late.
PLACES = {"test_closed_after_reading.py": -1, "test_unresolved.py": 1, "test_crash_smoke.py": 2,
          # With a stack of pairs; rolling_restart, replicas and accounts_reload leave it as they found it.
          "test_lanes.py": 3, "test_replicas.py": 4, "test_rolling_restart.py": 5, "test_accounts_reload.py": 5,
          # Kafka and PostgreSQL are everybody's: nobody else is at work when these take them away.
          "test_claimed_not_sent.py": 6, "test_kafka_away.py": 7, "test_postgres_away.py": 8, "test_c2b_outage.py": 9}


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: PLACES.get(item.path.name, 0))


@pytest.fixture(scope="session")
def cluster():
    cluster = Cluster()
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def whole_stack(cluster):
    # With all bodies in the logs, so that test_leaks searches these, too.
    stack = Stack(cluster, "stories", SCENARIO, settings={"MKONDO_LOG_BODIES": "true"})
    try:
        stack.start()
        stack.closed = []
        stack.unresolved = stack.send(stk(UNRESOLVED_PHONE, 500))
        yield stack
    finally:
        stack.stop()


@pytest.fixture(scope="session")
def pair_stack(cluster):
    """Two of each service."""
    stack = Stack(cluster, "pairs", pairs.SCENARIO, pairs.SIM_OPTIONS, replicas=2, time_scale=pairs.TIME_SCALE, settings=pairs.SETTINGS,
                  ingest_knows_all=True)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture(scope="session")
def outage_stack(cluster):
    """One of each service, for what takes Kafka or PostgreSQL away from all stacks."""
    stack = Stack(cluster, "outage", outages.SCENARIO)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def stack(whole_stack):
    whole_stack.touched = []
    return whole_stack


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    stack = getattr(item, "funcargs", {}).get("stack")
    if report.when == "call" and report.failed and stack is not None:
        try:
            report.sections.append(("what mkondo says", stack.report()))
        except Exception as fault:  # the report must not hide the failure
            report.sections.append(("no report", repr(fault)))
