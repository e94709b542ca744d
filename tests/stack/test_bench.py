"""The bench as a harness: that it runs, that what it tells is whole and sane, and that it has no number for a run that went wrong. How
fast anything is, is not tested."""

import pathlib
import sys

import pytest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "bench"))

import bench  # noqa: E402
import end_to_end  # noqa: E402

PAYMENTS = 200
SERVICES = {"ingest", "dispatcher", "webhook", "reconciler", "poller"}


def test_a_bench_of_two_hundred_payments_tells_everything(cluster):
    row = bench.whole(cluster, bench.options(["all", "--payments", str(PAYMENTS), "--in-store", "1000,100"]))
    assert row["payments"] == PAYMENTS and row["payments_per_s"] > 0 and row["in_store"] == [1000, 100]
    cost = row["cpu_s_per_1000"]
    assert set(cost) == SERVICES | {"services", "postgres", "kafka"}
    assert all(isinstance(value, float) and value >= 0 for value in cost.values()), cost
    assert cost["services"] == pytest.approx(sum(cost[name] for name in SERVICES), abs=0.001)
    assert 0 < cost["services"] < 10 and 0 < cost["postgres"] < 10 and 0 < cost["kafka"] < 100
    assert 0 < row["p50_ms"] <= row["p99_ms"]
    assert set(row["rss_mb"]) == SERVICES | {"postgres", "kafka"}
    assert all(1 < size < 10000 for size in row["rss_mb"].values()), row["rss_mb"]
    assert set(row["ceilings"]) == SERVICES
    for name in SERVICES - {"poller"}:
        assert row["ceilings"][name]["rows_per_s"] > 0 and row["ceilings"][name]["us"] >= 0
    assert all(row["ceilings"][name]["alone"]["rows_per_s"] > 0 for name in SERVICES)
    assert row["sends_per_payment"] >= 1


class Books:
    """A simulator's ledger that says what it is told to."""

    def __init__(self, moved):
        self.moved = moved

    def executed(self):
        return self.moved


@pytest.mark.parametrize("executed", [{}, {"a": 2}, {"a": 1, "b": 1}], ids=["none", "twice", "of another payment"])
def test_a_run_whose_executions_are_wrong_has_no_number(executed):
    end_to_end.check_ledger(Books({"a": 1}), ["a"])
    with pytest.raises(AssertionError):
        end_to_end.check_ledger(Books(executed), ["a"])


@pytest.mark.parametrize("changed", [{"succeeded": 1}, {"other": 1}, {"revised": 1}], ids=lambda changed: next(iter(changed)))
def test_a_run_without_a_success_for_each_payment_has_no_number(changed):
    counted = {"succeeded": 2, "other": 0, "revised": 0}
    end_to_end.check_books(2, counted)
    with pytest.raises(AssertionError):
        end_to_end.check_books(2, {**counted, **changed})
