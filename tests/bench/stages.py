"""bench ingest, dispatcher, webhook, reconciler, poller: one service alone on its work, which waits for it; and its ceiling, the least
that anything could do for the same, in the same minute on the same machine."""

import base64
import json
import subprocess
import time

import confluent_kafka

import replay
from contract import callback_path, new_id
from gauge import Reading
from ground import BIN, CONNECTIONS, PASSKEY, SHORTCODE, Program, clean_environment, eventually

ACCEPTED, PENDING, SUCCEEDED = 0, 3, 6
STK_PUSH, WEBHOOK_CONNECTIONS, REST_S = 1, 64, 0.3
CALLBACK = json.dumps({"Body": {"stkCallback": {
    "MerchantRequestID": "29115-34620561-1", "CheckoutRequestID": "ws_CO_191220191020363925", "ResultCode": 0,
    "ResultDesc": "The service request is processed successfully.", "CallbackMetadata": {"Item": [
        {"Name": "Amount", "Value": 1.00}, {"Name": "MpesaReceiptNumber", "Value": "NLJ7RT61SV"},
        {"Name": "TransactionDate", "Value": 20191219102115}, {"Name": "PhoneNumber", "Value": 254700000000}]}}}})


def in_state(ground, state):
    return int(ground.sql("select coalesce(sum(n), 0) from tally where what = %s", state)[0][0])


def await_state(ground, state, count, seconds=180):
    eventually(f"{count} payments are in state {state}", lambda: in_state(ground, state) >= count, seconds, pause=0.02)
    assert in_state(ground, state) == count, f"{in_state(ground, state)} payments are in state {state}, not {count}"


def records(ground, topic):
    """How many a topic has."""
    client = confluent_kafka.Consumer({"bootstrap.servers": ground.cluster.bootstrap, "group.id": "not-used"})
    try:
        name = ground.prefix + topic
        parts = client.list_topics(name, timeout=20).topics[name].partitions
        return sum(client.get_watermark_offsets(confluent_kafka.TopicPartition(name, part), timeout=20)[1] for part in parts)
    finally:
        client.close()


def measure(ground, service, rows, work):
    """Lets the service that was held go on until `work` returns; what it and PostgreSQL used for each row."""
    before = Reading(ground)
    begin = time.monotonic()
    ground.release(service)
    work()
    seconds = time.monotonic() - begin
    time.sleep(REST_S)  # what was produced last is acknowledged
    used = Reading(ground).since(before)
    return {"bench": service, "rows": rows, "rows_per_s": round(rows / seconds), "service_us": per_row(used["cpu_s"][service], rows),
            "postgres_us": per_row(used["cpu_s"]["postgres"], rows), "kafka_us": per_row(used["cpu_s"]["kafka"], rows),
            "steal_percent": round(used["steal_percent"], 1)}


def per_row(seconds, rows):
    return round(seconds * 1e6 / rows, 1)


def beside(row, ceiling):
    """The stage with its ceiling: how much of the ceiling's rate it reached, and how many times its CPU it took."""
    row["ceiling"] = ceiling
    row["of_ceiling"] = round(row["rows_per_s"] / max(1, ceiling["rows_per_s"]), 2)
    row["times_ceiling"] = round(row["service_us"] / max(0.1, ceiling["us"]), 2)
    if "postgres_us" in ceiling:
        row["times_postgres"] = round(row["postgres_us"] / max(0.1, ceiling["postgres_us"]), 2)
    return row


# ---- ingest: commands that wait on commands.v1

def take_in(ground, payments):
    ground.hold("ingest")
    ground.client(payments, send_only="yes")
    return measure(ground, "ingest", payments, lambda: await_state(ground, ACCEPTED, payments))


def ingest(ground, payments):
    ground.start(services=(), daraja=False)
    row = take_in(ground, payments)
    ground.programs["ingest"].stop()
    batches = ground.sql("select count(distinct no) from journal")[0][0]
    row["batch"] = round(payments / batches)
    return beside(row, replay.run(ground, "ingest", payments, batches))


# ---- dispatcher: accepted payments whose hints wait on dispatch.interactive.v1

def bodies(ground, payments, path):
    """What the dispatcher sends, for phones that it has not used."""
    stamp = time.strftime("%Y%m%d%H%M%S")
    password = base64.b64encode(f"{SHORTCODE}{PASSKEY}{stamp}".encode()).decode()
    with open(path, "w", encoding="utf-8") as out:
        for number in range(payments):
            url = f"http://127.0.0.1:{ground.webhook_port}{callback_path(ground.callback_key, 7, STK_PUSH, 1, new_id())}"
            out.write(json.dumps({
                "BusinessShortCode": SHORTCODE, "Password": password, "Timestamp": stamp, "TransactionType": "CustomerPayBillOnline",
                "Amount": 100, "PartyA": f"2541{number:08d}", "PartyB": SHORTCODE, "PhoneNumber": f"2541{number:08d}",
                "CallBackURL": url, "AccountReference": f"INV-{number}", "TransactionDesc": "Goods"}) + "\n")


def access_token(ground):
    done = subprocess.run(["curl", "-fsS", "-u", "tests-key:tests-secret",
                           f"http://127.0.0.1:{ground.sim_port}/oauth/v1/generate?grant_type=client_credentials"],
                          check=True, stdout=subprocess.PIPE, timeout=30)
    return json.loads(done.stdout)["access_token"]


def bare_calls(ground, payments):
    path = ground.folder / "bodies"
    bodies(ground, payments, path)
    done = subprocess.run([str(BIN / "bench_calls"), f"http://127.0.0.1:{ground.sim_port}/mpesa/stkpush/v1/processrequest",
                           access_token(ground), str(path), str(CONNECTIONS)], check=False, text=True, stdout=subprocess.PIPE, timeout=180,
                          env=clean_environment())
    assert done.returncode == 0, f"bench_calls: not all calls were answered well: {done.stdout}"
    told = json.loads(done.stdout)
    return {"what": "libcurl alone", "rows_per_s": round(told["calls"] / told["seconds"]), "us": per_row(told["cpu_s"], told["calls"])}


def dispatch(ground, payments):
    ground.hold("dispatcher")
    take_in(ground, payments)
    ground.programs["ingest"].stop()
    return measure(ground, "dispatcher", payments, lambda: await_state(ground, PENDING, payments))


def dispatcher(ground, payments):
    ground.change_scenario(callback="none")
    ground.start(services=())
    row = dispatch(ground, payments)
    ground.programs["dispatcher"].stop()
    sent = ground.sql("select count(*), count(distinct no) from journal where event = 'CLAIMED'")[0]
    row |= {"sends_per_payment": round(sent[0] / payments, 3), "batch": round(sent[0] / sent[1])}
    asked = len(ground.ledger(kind="accepted"))
    assert asked == payments, f"M-PESA took {asked} requests for {payments} payments"
    ceiling = bare_calls(ground, payments)
    return beside(row, ceiling)


# ---- webhook: callbacks as fast as they are answered

def post_all(ground, port, paths):
    body = ground.folder / "callback.json"
    body.write_text(CALLBACK)
    done = subprocess.run([str(BIN / "bench_posts"), str(port), str(paths), str(body), str(WEBHOOK_CONNECTIONS)], check=False, text=True,
                          stdout=subprocess.PIPE, timeout=180, env=clean_environment())
    assert done.returncode == 0, f"bench_posts: not all were answered with 200: {done.stdout}"
    return json.loads(done.stdout)


def floor(ground, payments, paths):
    """Bare epoll and a batched produce to the same topic."""
    log = ground.folder / "log/floor.log"
    program = Program([str(BIN / "bench_floor"), str(ground.admin["poller"]), ground.cluster.bootstrap, ground.prefix + "callbacks.v1"],
                      clean_environment(), log, ground.folder)
    ground.programs["floor"] = program
    program.start()
    eventually("bench_floor is ready", lambda: "ready" in log.read_text(), 20)
    before = Reading(ground)
    told = post_all(ground, ground.admin["poller"], paths)
    used = Reading(ground).since(before)
    program.stop()
    return {"what": "epoll and a batched produce", "rows_per_s": round(payments / told["seconds"]), "us": per_row(used["cpu_s"]["floor"], payments)}


def webhook(ground, payments):
    ground.start(services=(), daraja=False)
    paths = ground.folder / "paths"
    paths.write_text("".join(callback_path(ground.callback_key, 7, STK_PUSH, 1, new_id()) + "\n" for _ in range(payments)))
    ground.hold("webhook")
    told = {}
    row = measure(ground, "webhook", payments, lambda: told.update(post_all(ground, ground.webhook_port, paths)))
    row |= {"p50_ms": told["p50_ms"], "p99_ms": told["p99_ms"], "connections": WEBHOOK_CONNECTIONS}
    ground.programs["webhook"].stop()
    kept = records(ground, "callbacks.v1")
    assert kept == payments, f"{payments} callbacks were answered with 200, and the topic has {kept}"
    ceiling = floor(ground, payments, paths)
    return beside(row, ceiling)


# ---- reconciler: callbacks that wait on callbacks.v1, for payments that are PENDING

def reconciler(ground, payments):
    ground.start(services=("webhook",))
    ground.hold("reconciler")
    dispatch(ground, payments)
    eventually("all callbacks are on their topic", lambda: records(ground, "callbacks.v1") == payments, 60, pause=0.2)
    for name in ("dispatcher", "webhook", "darajasim"):
        ground.programs[name].stop()
    ground.sql("create unlogged table before_state as select * from payment_state")
    row = measure(ground, "reconciler", payments, lambda: await_state(ground, SUCCEEDED, payments))
    ground.await_rest()
    ground.programs["reconciler"].stop()
    told = records(ground, "results.v1")
    assert told == 2 * payments, f"{told} results for {payments} payments, ACCEPTED and SUCCEEDED each"
    batches = ground.sql("select count(distinct no) from journal where service = 'reconciler'")[0][0]
    row["batch"] = round(payments / batches)
    return beside(row, replay.run(ground, "reconciler", payments, batches))


# ---- poller: timers that are due

def poller(ground, payments):
    """Of payments that nobody has sent: each is hinted again and gets its next timer."""
    ground.start(services=(), daraja=False)
    ground.hold("poller")
    take_in(ground, payments)
    ground.programs["ingest"].stop()
    due = "select coalesce(sum(cardinality(ids)), 0) from timer where due_at <= now()"
    eventually("all timers are due", lambda: ground.sql(due)[0][0] >= payments, 30, pause=0.2)
    ground.sql("update dispatch_freeze set at = clock_timestamp()")  # a dispatcher's word, without which the poller waits
    hints = records(ground, "dispatch.interactive.v1")
    row = measure(ground, "poller", payments, lambda: eventually("no timer is due", lambda: ground.sql(due)[0][0] == 0, 60, pause=0.02))
    again = records(ground, "dispatch.interactive.v1") - hints
    assert again == payments, f"{again} hints for {payments} due payments"
    return row


STAGES = {"ingest": ingest, "dispatcher": dispatcher, "webhook": webhook, "reconciler": reconciler, "poller": poller}
