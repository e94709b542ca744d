#!/usr/bin/python3
"""What mkondo costs: CPU per operation, beside the least that anything could do for the same, measured in the same run.

    ./run bench all --payments N [--mix stk|b2c|half] [--window N] [--json FILE] [--in-store FINISHED,OPEN] [--profile]
    ./run bench ingest|dispatcher|webhook|reconciler|poller [--payments N] [--rounds N] [--lines FILE]

Apache Kafka, PostgreSQL and the services are started for it and ended after it. A run in which a payment is missing, or was executed
twice, has no number and ends with 1. docs/performance.md tells what the numbers mean."""

import argparse
import json
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import end_to_end  # noqa: E402
import stages  # noqa: E402
from gauge import median  # noqa: E402
from ground import CALLS_A_SECOND, CONNECTIONS, SERVER_SETTINGS, SERVICES, BenchCluster, Ground, cores, keep_lines  # noqa: E402

CEILINGS_MOST, WARM_ROUND = 10000, 2000


def on_ground(cluster, given, work):
    """One run, on a ground of its own."""
    ground = Ground(cluster, outcome_ms=given.outcome_ms, log_level=given.log_level)
    try:
        return work(ground)
    except BaseException:
        print("\n".join(ground.log_tail(name) for name in ground.programs), file=sys.stderr)
        raise
    finally:
        ground.stop()


def conditions(given):
    print(f"conditions: {cores()} cores; lanes {CALLS_A_SECOND}/s, {CONNECTIONS} connections, log level {given.log_level}; linger 1 ms,"
          f" fetch wait 10 ms, batches of 500 at most; simulator {given.outcome_ms} ms, its ledger not synced;"
          f" PostgreSQL {', '.join(f'{name} {value}' for name, value in SERVER_SETTINGS.items())}")


def table(rows):
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    for i, row in enumerate(rows):
        print("| " + " | ".join(str(cell).ljust(width) for cell, width in zip(row, widths)) + " |")
        if i == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def middle(rows):
    """The median of each number over the rounds; words as in the first."""
    if isinstance(rows[0], dict):
        return {name: middle([row[name] for row in rows]) for name in rows[0]}
    return median(rows) if isinstance(rows[0], (int, float)) else rows[0]


def tell_stage(row):
    ceiling = row.get("ceiling", {})
    table([["", "rows/s", "CPU us/row", "PostgreSQL us/row", "Kafka us/row", "batch"],
           [row["bench"], row["rows_per_s"], row["service_us"], row["postgres_us"], row["kafka_us"], row.get("batch", "")]] +
          ([[f"ceiling: {ceiling['what']}", ceiling["rows_per_s"], ceiling["us"], ceiling.get("postgres_us", ""), "", ""]] if ceiling else []))
    ratios = [f"{name.replace('_', ' ')} {row[name]}" for name in ("of_ceiling", "times_ceiling", "times_postgres", "p50_ms", "p99_ms", "sends_per_payment")
              if name in row]
    print(f"{', '.join(ratios)}{'; ' if ratios else ''}steal {row['steal_percent']} %")


def run_stage(cluster, given):
    run = stages.STAGES[given.verb]
    on_ground(cluster, given, lambda ground: run(ground, min(WARM_ROUND, given.payments)))  # the JVM's, not counted
    rows = []
    for _ in range(given.rounds):
        rows.append(on_ground(cluster, given, lambda ground: run(ground, given.payments)))
        keep(given, given.verb, rows[-1])
        if given.rounds > 1:
            print(json.dumps(rows[-1]))
    print(f"\n{given.payments} payments, median of {given.rounds} rounds" if given.rounds > 1 else f"\n{given.payments} payments")
    tell_stage(middle(rows))


def keep(given, name, row):
    keep_lines(name, row)
    if given.lines:
        with open(given.lines, "a", encoding="utf-8") as lines:
            lines.write(json.dumps(row) + "\n")


def tell_all(row):
    cost = row["cpu_s_per_1000"]
    table([["CPU-s per 1,000 payments", *cost]] + [["", *cost.values()]])
    print(f"\n{row['payments_per_s']} payments/s ({row['mix']}, {row['window']} under way), {row['busy_cores']} cores busy with what is counted")
    print(f"paced at {row['paced_per_s']}/s: p50 {row['p50_ms']} ms, p99 {row['p99_ms']} ms, {row['paced_payments']} payments; "
          + ", ".join(f"{name} {values[0]}/{values[1]}" for name, values in row["hops_ms"].items()))
    for calm in row["calm"]:
        print(f"paced at {calm['per_s']}/s: p50 {calm['p50_ms']} ms, p99 {calm['p99_ms']} ms, {calm['payments']} payments")
    print(f"paced at {row['paced_per_s']}/s, CPU-s per 1,000 payments: " + ", ".join(f"{name} {used}" for name, used in row["paced_cpu_s_per_1000"].items())
          + f"; {row['paced_commits_per_1000']} transactions")
    print(f"per 1,000 payments: {row['commits_per_1000']} transactions, {row['wal_syncs_per_1000']} syncs of PostgreSQL's log, "
          f"{row['wal_bytes_per_payment']} bytes of it per payment; {row['sends_per_payment']} sends per payment")
    print("peak RSS, MB: " + ", ".join(f"{name} {size}" for name, size in row["rss_mb"].items()))
    print(f"in store before: {row['in_store'][0]} finished, {row['in_store'][1]} open; steal {row['steal_percent']} %\n")


def whole(cluster, given, hotspots=None):
    """Everything that `all` measures, as one object."""
    def work(ground):
        ground.start()
        return end_to_end.run(ground, given.payments, given.mix, given.window, given.in_store, hotspots)
    row = on_ground(cluster, given, work)
    row["ceilings"] = {}
    for name in SERVICES:
        stage = on_ground(cluster, given, lambda ground, name=name: stages.STAGES[name](ground, min(CEILINGS_MOST, given.payments)))
        row["ceilings"][name] = {**stage.pop("ceiling", {}), "alone": stage}
    return row


def run_all(cluster, given):
    hotspots = None
    if given.profile:
        from hotspots import Hotspots
        hotspots = Hotspots()
    row = whole(cluster, given, hotspots)
    keep(given, "all", row)
    tell_all(row)
    for stage in row["ceilings"].values():
        tell_stage({**stage["alone"], **({"ceiling": stage} if "what" in stage else {})})
    if given.json:
        pathlib.Path(given.json).write_text(json.dumps(row, indent=1) + "\n")
    if hotspots:
        print(hotspots.tell())


def pair(text):
    finished, _, still_open = text.partition(",")
    return int(finished), int(still_open)


def options(words):
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=["all", *stages.STAGES])
    parser.add_argument("--payments", type=int, default=20000)
    parser.add_argument("--rounds", type=int, default=1, help="of a stage; the median counts")
    parser.add_argument("--mix", choices=["stk", "b2c", "half"], default="stk", help="of `all`; stages are STK")
    parser.add_argument("--window", type=int, default=2000, help="payments under way at once, of `all`; 0: all of them")
    parser.add_argument("--outcome-ms", type=int, default=0, help="from M-PESA's acceptance to its callback")
    parser.add_argument("--log-level", choices=["info", "warn"], default="warn")
    parser.add_argument("--in-store", type=pair, default=(0, 0), metavar="FINISHED,OPEN", help="payments that are there before")
    parser.add_argument("--json", metavar="FILE", help="gets the result of `all`")
    parser.add_argument("--lines", metavar="FILE", help="every round is appended to it; build/bench/lines.jsonl has them always")
    parser.add_argument("--profile", action="store_true", help="also where the CPU goes, by perf and pg_stat_statements")
    given = parser.parse_args(words)
    if not 1 <= given.payments <= 1000000 or not 1 <= given.rounds <= 50 or given.window < 0 or min(given.in_store) < 0:
        parser.error("from 1 to 1,000,000 payments and from 1 to 50 rounds")
    return given


def main():
    given = options(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    cluster = BenchCluster(statements=given.profile)
    try:
        cluster.start()
        conditions(given)
        (run_all if given.verb == "all" else run_stage)(cluster, given)
    except AssertionError as fault:
        print(f"bench: no number: {fault}", file=sys.stderr)
        return 1
    finally:
        cluster.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
