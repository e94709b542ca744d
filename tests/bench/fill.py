"""A store that has been in use: finished and open payments by plain SQL, modelled on payments that have just been made, so that every
table has rows as the services write them. Their timers are far in the future; nobody will touch them."""

import concurrent.futures
import contextlib

import psycopg2
from replay import columns

TEMPLATES, TIMER_MOST, SIDE_BY_SIDE = 1000, 500, 3

FAR = "now() + interval '30 days'"
# What a copy has instead of its model's value: {table: {column: expression}}; f is the new payment, x the model's row.
OPEN_INSTEAD = {"state": "3::smallint", "due_at": FAR, "horizon_at": FAR, "decided_at": "null", "result_ver": "0", "moved": "0",
                "receipt": "''", "cause_code": "''", "frozen": "''::bytea"}
TABLES = {
    "journal": {"payment_id": "f.id", "at": "f.at"},
    "payment_state": {"id": "f.id", "updated_at": "f.at",
                      **{name: f"case when f.open then {value} else x.{name} end" for name, value in OPEN_INSTEAD.items()}},
    "evidence": {"payment_id": "f.id", "received_at": "f.at", "sha256": "sha256(f.id::text::bytea)"},
    "payment": {"id": "f.id", "created_at": "f.at"},
    "receipt": {"payment_id": "f.id", "receipt": "'Z' || upper(lpad(to_hex(f.n), 9, '0'))", "at": "f.at"},
    "provider_id": {"payment_id": "f.id", "id": "left(x.id, greatest(1, length(x.id) - 8)) || 'z' || lpad(to_hex(f.n), 7, '0')"},
}
# What an open payment does not have yet.
FINISHED_ONLY = {"journal": "x.event = 'CONFIRMED'", "evidence": "true", "receipt": "true"}


def copy(dsn, table, instead, cols, models):
    """On a connection of its own: the tables are filled side by side."""
    values = ", ".join(instead.get(name, f'x."{name}"') for name in cols)
    link = "payment_id" if "payment_id" in instead else "id"
    with contextlib.closing(psycopg2.connect(dsn)) as own:
        own.autocommit = True
        cursor = own.cursor()
        cursor.execute("set synchronous_commit = off")
        cursor.execute("set work_mem = '256MB'")
        cursor.execute(f"insert into {table} ({', '.join(chr(34) + name + chr(34) for name in cols)}) select {values} from filling f"
                       f" join template t on t.k = f.n % {models} join {table} x on x.{link} = t.id"
                       f" where not (f.open and {FINISHED_ONLY.get(table, 'false')}) order by f.n")


def fill(ground, finished, still_open):
    """After some payments have SUCCEEDED."""
    ground.sql("create unlogged table filling as select n, n > %s as open, at,"
               " (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8'"
               " || substr(md5(n::text), 4, 15))::uuid as id from (select n, now() - interval '30 days'"
               " + n * (interval '29 days' / %s) as at from generate_series(1, %s) n) s",
               finished, finished + still_open, finished + still_open)
    ground.sql("create unlogged table template as select id, row_number() over (order by id) - 1 as k from payment_state"
               " where state = 6 order by id limit %s", TEMPLATES)
    models = ground.sql("select count(*) from template")[0][0]
    assert models > 0, "there is no finished payment to make others after"
    ground.sql("analyze filling")
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        copies = [pool.submit(copy, ground.dsn, table, instead, [name for name, _ in columns(ground, table)], models)
                  for table, instead in TABLES.items()]
    for one in copies:
        one.result()
    ground.sql(f"insert into timer (due_at, what, lane, ids) select {FAR}, 1, 0, array_agg(id order by id) from filling where open"
               f" group by n / {TIMER_MOST}")
    ground.sql("insert into tally (what, n) values (3, %s), (6, %s), (100, %s)", still_open, finished, finished)
    for statement in ("drop table filling", "drop table template", "vacuum analyze", "checkpoint"):
        ground.sql(statement)
