"""bench all: payments from the first command to the last result, through five services, PostgreSQL and Apache Kafka."""

from fill import fill
from gauge import Reading, family_mb, status_mb
from ground import SERVICES

# Brokers in service are warm: a JVM needs tens of thousands of requests, of each kind of load, until it has compiled what they need.
WARM_UP, PACED_WARM_UP_S, PACED_MOST, PACED_S = 30000, 8, 20000, 20
# Half of the fast phase's rate leaves a small machine next to nothing, so latency is told at rates that it has room for, too.
CALM_RATES, CALM_S = (250, 1000), 8


def check_books(sent, counted):
    """Each payment SUCCEEDED once, and money moved once for each: else the run has no number."""
    assert counted["succeeded"] == sent and counted["other"] == 0, f"not all succeeded: {counted}"
    assert counted["revised"] == 0, f"results were revised: {counted}"


def check_ledger(ground, idents):
    executed = ground.executed()
    wrong = [ident for ident in idents if executed.get(ident.replace("-", ""), 0) != 1]
    assert not wrong, f"{len(wrong)} payments were not executed exactly once, {wrong[:3]} among them"
    assert len(executed) == len(idents), f"{len(executed) - len(idents)} executions that nobody commanded"


HOPS = {
    "recorded": "(select min(at) from journal j where j.payment_id = p.id and event = 'ACCEPTED')",
    "claimed": "(select min(at) from journal j where j.payment_id = p.id and event = 'CLAIMED')",
    "answered": "(select min(at) from journal j where j.payment_id = p.id and event = 'TAKEN')",
    "received": "(select min(received_at) from evidence e where e.payment_id = p.id)",
    "settled": "(select min(at) from journal j where j.payment_id = p.id and event = 'CONFIRMED')",
}


def hops(ground, last):
    """How long after a command's id was made each thing happened to it, in ms: medians and 99th percentiles of the last payments. A
    transaction's time is that of its beginning."""
    born = "to_timestamp(('x' || left(replace(p.id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)"
    columns = ", ".join(f"percentile_disc(array[0.5, 0.99]) within group (order by extract(epoch from {at} - {born}) * 1000)"
                        for at in HOPS.values())
    row = ground.sql(f"select {columns} from (select id from payment order by id desc limit %s) p", last)[0]
    return {name: [round(float(value), 1) for value in values] for name, values in zip(HOPS, row)}


class Course:
    """One ground, and the payments that were sent over it."""

    def __init__(self, ground):
        self.ground, self.phone, self.idents = ground, 0, []

    def send(self, payments, **options):
        ids = self.ground.folder / "ids"
        counted = self.ground.client(payments, phone=self.phone, ids=ids, **options)
        self.phone += payments
        self.idents += ids.read_text().split()
        check_books(payments, counted)
        return counted


def peaks(ground):
    memory = {name: round(status_mb(pid, "VmHWM"), 1) for name, pid in ground.pids().items() if name != "darajasim"}
    return {**memory, "postgres": round(family_mb(ground.postmaster), 1)}


def calmly(course, payments, mix, rate):
    counted = course.send(payments, mix=mix, rate=rate)
    return {"per_s": rate, "payments": payments, "p50_ms": counted["p50_ms"], "p99_ms": counted["p99_ms"]}


def run(ground, payments, mix="stk", window=2000, in_store=(0, 0), during=None):
    course = Course(ground)
    course.send(max(200, min(WARM_UP, 2 * payments)), mix=mix, window=window)
    ground.await_rest()
    if sum(in_store) > 0:
        fill(ground, *in_store)
    if during:
        during.begin(ground)
    before = Reading(ground, told=True)
    fast = course.send(payments, mix=mix, window=window)
    ground.await_rest()
    used = Reading(ground, told=True).since(before)
    if during:
        during.end(ground)
    rate = payments / fast["seconds"]
    paced_rate = max(1, round(rate / 2))
    course.send(max(1, min(payments, paced_rate * PACED_WARM_UP_S)), mix=mix, rate=paced_rate)
    before = Reading(ground, told=True)
    paced = course.send(max(1, min(PACED_MOST, paced_rate * PACED_S, payments)), mix=mix, rate=paced_rate)
    paced_used = Reading(ground, told=True).since(before)
    hops_of_paced = hops(ground, paced["payments"])
    calm = [calmly(course, min(payments, calm_rate * CALM_S), mix, calm_rate) for calm_rate in CALM_RATES if calm_rate < paced_rate]
    ground.await_rest()
    check_ledger(ground, course.idents)
    sends = ground.sql("select count(*) from journal j join (select id from payment order by id desc limit %s) p on p.id = j.payment_id"
                       " where j.event = 'CLAIMED'", len(course.idents))[0][0]
    each = {name: round(1000 * seconds / payments, 4) for name, seconds in used["cpu_s"].items()}
    cost = {name: each[name] for name in SERVICES}
    cost["services"] = round(sum(cost.values()), 4)
    cost |= {"postgres": each["postgres"], "kafka": each["kafka"]}
    return {"payments": payments, "mix": mix, "window": window, "payments_per_s": round(rate, 1), "cpu_s_per_1000": cost,
            "p50_ms": paced["p50_ms"], "p99_ms": paced["p99_ms"], "paced_per_s": paced_rate, "paced_payments": paced["payments"],
            "paced_cpu_s_per_1000": {name: round(1000 * seconds / paced["payments"], 4) for name, seconds in paced_used["cpu_s"].items()},
            "paced_commits_per_1000": round(1000 * paced_used["commits"] / paced["payments"], 1),
            "hops_ms": hops_of_paced, "calm": calm, "rss_mb": peaks(ground), "simulator_cpu_s_per_1000": each["darajasim"],
            "in_store": list(in_store), "sends_per_payment": round(sends / len(course.idents), 3),
            "commits_per_1000": round(1000 * used["commits"] / payments, 1),
            "wal_syncs_per_1000": round(1000 * used["wal_syncs"] / payments, 1),
            "wal_bytes_per_payment": round(used["wal_bytes"] / payments), "steal_percent": round(used["steal_percent"], 1),
            "busy_cores": round(sum(used["cpu_s"].values()) / fast["seconds"], 2)}
