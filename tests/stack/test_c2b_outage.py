"""Validation is answered from memory: while Kafka and PostgreSQL are away, too."""

import time

import pytest

from mkondo_stack import eventually
from test_c2b import C2B_SECRET, await_receipts, call, confirm, new_receipt, notice, validate

OFTEN, WITHIN_S = 50, 0.2


@pytest.fixture
def stack(outage_stack):
    outage_stack.touched = []
    return outage_stack


def slowest(stack):
    worst = 0.0
    for i in range(OFTEN):
        start = time.monotonic()
        assert validate(stack, BillRefNumber="INV-9999" if i % 2 else "INV-1001") == ("C2B00012" if i % 2 else "0")
        worst = max(worst, time.monotonic() - start)
    return worst


def test_validations_need_neither_kafka_nor_postgres(stack):
    receipt, lost = new_receipt(), new_receipt()
    confirm(stack, receipt)
    await_receipts(stack, receipt)
    stack.cluster.kill_kafka()
    stack.cluster.kill_postgres()
    try:
        assert slowest(stack) < WITHIN_S
        # What Kafka does not have was not taken.
        assert call(stack, f"/n/c2b/{C2B_SECRET}/confirmation", notice(TransID=lost))[0] == 503
        assert slowest(stack) < WITHIN_S
    finally:
        stack.cluster.start_postgres()
        stack.connect()
        stack.cluster.start_kafka()
    again = new_receipt()
    eventually("confirmations are taken again", lambda: call(
        stack, f"/n/c2b/{C2B_SECRET}/confirmation", notice(TransID=again))[0] == 200, 60, pause=0.2)
    await_receipts(stack, again, seconds=60)
