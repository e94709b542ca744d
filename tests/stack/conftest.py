"""One PostgreSQL and one Kafka for all tests, and one stack for the stories. What takes long is sent when the stack comes
up and looked at by the last tests."""

import pytest

from contract import stk
from mkondo_stack import Cluster, Stack
from stories import SCENARIO, UNRESOLVED_PHONE

# What needs time comes early, and what waits for it late.
PLACES = {"test_closed_after_reading.py": -1, "test_unresolved.py": 1, "test_crash_smoke.py": 2}


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
    stack = Stack(cluster, "stories", SCENARIO)
    try:
        stack.start()
        stack.closed = []
        stack.unresolved = stack.send(stk(UNRESOLVED_PHONE, 500))
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
