"""The ceiling of ingest and reconciler: what they have written is written again by bench_replay. The statements are made from the
tables' own columns, so a migration changes the ceiling with the service."""

import json
import subprocess

from gauge import Reading
from ground import BIN, clean_environment


def columns(ground, table):
    """[(name, type)]; the database's own numbers are not written."""
    return ground.sql("select attname, format_type(atttypid, null) from pg_attribute where attrelid = %s::regclass and attnum > 0"
                      " and not attisdropped and attidentity = '' and attgenerated = '' order by attnum", table)


def unnest(cols):
    return "unnest(" + ", ".join(f"${i}::{kind}[]" for i, (_, kind) in enumerate(cols, 1)) + ")"


def names(cols, prefix=""):
    return ", ".join(f'{prefix}"{name}"' for name, _ in cols)


def insert(ground, table, rest):
    """Rows with arrays in them go in one by one: there is one for each batch."""
    cols = columns(ground, table)
    fetch = f"select {names(cols)} from {table} {rest}"
    if any(kind.endswith("[]") for _, kind in cols):
        values = ", ".join(f"${i}::{kind}" for i, (_, kind) in enumerate(cols, 1))
        return f"rows\t{fetch}\tinsert into {table} ({names(cols)}) values ({values})"
    return f"arrays\t{fetch}\tinsert into {table} ({names(cols)}) select * from {unnest(cols)}"


def ingest_plan(ground):
    yield "reset\ttruncate payment, payment_state, journal, timer, tally"
    for table, order in (("payment", "id"), ("payment_state", "id"), ("journal", "payment_id"), ("timer", "no"), ("tally", "ctid")):
        yield insert(ground, table, f"order by {order}")


def reconciler_plan(ground):
    yield "reset\ttruncate payment_state, evidence, receipt; insert into payment_state select * from before_state order by id"
    yield ("arrays\tselect id from payment_state order by id\tselect p.*, s.* from payment_state s join payment p on p.id = s.id"
           " where s.id = any($1::uuid[]) order by s.id for update of s")
    yield insert(ground, "evidence", "order by payment_id")
    yield insert(ground, "receipt", "order by payment_id")
    cols = columns(ground, "payment_state")
    sets = ", ".join(f'"{name}" = t."{name}"' for name, _ in cols if name != "id")
    yield (f"arrays\tselect {names(cols)} from payment_state order by id\tupdate payment_state s set {sets} from {unnest(cols)}"
           f" t({names(cols)}) where s.id = t.id")
    yield insert(ground, "journal", "where service = 'reconciler' order by payment_id")


PLANS = {"ingest": ingest_plan, "reconciler": reconciler_plan}


def run(ground, service, rows, batches):
    plan = ground.folder / "plan"
    plan.write_text("".join(line + "\n" for line in PLANS[service](ground)))
    process = subprocess.Popen([str(BIN / "bench_replay"), ground.dsn, str(batches), str(plan)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True, env=clean_environment())
    try:
        assert process.stdout.readline().startswith("ready"), "bench_replay could not begin"
        before = Reading(ground)
        process.stdin.write("go\n")
        process.stdin.flush()
        told = json.loads(process.stdout.readline())
        used = Reading(ground).since(before)
        process.stdin.write("done\n")
        process.stdin.flush()
        assert process.wait(30) == 0, "bench_replay failed"
    finally:
        process.kill()
        process.wait()
    return {"what": "libpq alone", "rows_per_s": round(rows / told["seconds"]), "us": round(told["cpu_s"] * 1e6 / rows, 1),
            "postgres_us": round(used["cpu_s"]["postgres"] * 1e6 / rows, 1)}
