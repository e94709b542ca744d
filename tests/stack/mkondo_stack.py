"""A whole mkondo on this machine: PostgreSQL and Apache Kafka (Cluster), and on them the five services with a simulated
Daraja (Stack), each of them once or more. Single services can be killed and started again. Everything that was started is
ended by its pid."""

import contextlib
import http.client
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import psycopg2

from contract import PROTOBUF, encode
from topics import Topics

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("MKONDO_BIN", ROOT / "build/release/bin"))
SERVICES = ("ingest", "dispatcher", "webhook", "reconciler", "poller")
MOST_REPLICAS = 3  # as many as have admin ports
PORTS_EACH, MOST_STACKS = 20, 4  # as many as there may be at the same time
TIME_SCALE = 0.005
TOKEN_LIFE_S = 18
SHORTCODE, PASSKEY, INITIATOR_PASSWORD = "600000", "a-passkey-of-the-tests", "a-password-of-1-initiator"
BILL_APP_KEY = "AG_2376487236_126732989KJ"  # darajasim's answer to an opt-in
C2B_SECRET, HARBOUR_C2B_SECRET = "0123456789abcdef" * 2, "fedcba9876543210" * 2


def eventually(what, look, seconds=20.0, pause=0.03):
    """The first true value of look(); what never becomes true fails in the test's own words."""
    until = time.monotonic() + seconds
    while True:
        value = look()
        if value:
            return value
        assert time.monotonic() < until, f"not within {seconds:g} s: {what}"
        time.sleep(pause)


def free_ports(count):
    """A run of ports that nobody uses, below those that the system gives to clients."""
    start = os.environ.get("STACK_PORTS")
    for base in [int(start)] if start else range(19000, 32000, 100):
        with contextlib.ExitStack() as held:
            try:
                for port in range(base, base + count):
                    one = held.enter_context(socket.socket())
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    one.bind(("127.0.0.1", port))
                return base
            except OSError:
                continue
    raise AssertionError("no free ports")


def kind_of(name):
    """The service that a replica is one of."""
    return name.partition(".")[0]


def clean_environment(**more):
    """Nothing of the caller's settings reaches a program: a name that mkondo does not know would be refused."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MKONDO_", "MPESA_"))}
    return {**kept, **more}


class Cluster:
    """PostgreSQL and Kafka, for any number of stacks."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mkondo-stack.", dir="/tmp"))
        self.folder.chmod(0o755)
        self.ports = free_ports(10 + PORTS_EACH * MOST_STACKS)
        self.places = set(range(MOST_STACKS))  # for stacks, each with ports of its own
        self.keep = "STACK_KEEP" in os.environ
        self.postgres = None
        self.bootstrap = f"127.0.0.1:{self.ports}"

    def _script(self, name, *words):
        out = self.folder / f"{name}.{words[0]}.out"
        with open(out, "w+") as to:  # no pipe: the server that it leaves behind would hold it open
            code = subprocess.run([str(ROOT / "tools" / name), *words], stdin=subprocess.DEVNULL, stdout=to,
                                  stderr=subprocess.STDOUT, check=False, timeout=300).returncode
        text = out.read_text()
        assert code == 0, f"tools/{name} {' '.join(words)} ended with {code}:\n{text}"
        return text

    def start(self):
        pg = self.folder / "pg"
        self.postgres = self._script("postgres.sh", "start", str(pg)).strip().splitlines()[-1]
        self.start_kafka()

    def stop(self):
        for name, folder in (("kafka.sh", "kafka"), ("postgres.sh", "pg")):
            with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
                self._script(name, "stop", str(self.folder / folder))
        if self.keep:
            print(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def crash_postgres(self):
        self._script("postgres.sh", "crash", str(self.folder / "pg"))

    def crash_kafka(self):
        self.kill_kafka()
        self.start_kafka()

    def kill_kafka(self):
        self._script("kafka.sh", "kill", str(self.folder / "kafka"))

    def start_kafka(self):
        self._script("kafka.sh", "start", str(self.folder / "kafka"), str(self.ports))

    def kill_postgres(self):
        self._script("postgres.sh", "kill", str(self.folder / "pg"))

    def start_postgres(self):
        """What was killed, on its data."""
        self._script("postgres.sh", "again", str(self.folder / "pg"))

    def database(self, name):
        with contextlib.closing(psycopg2.connect(self.postgres)) as link:
            link.autocommit = True
            link.cursor().execute(f'create database "{name}"')
        return self.postgres.replace("dbname=mkondo", f"dbname={name}")


class Program:
    """One process; its log survives its death."""

    def __init__(self, args, env, log, cwd):
        self.args, self.env, self.log, self.cwd, self.process = args, env, log, cwd, None

    def start(self):
        assert not self.runs(), f"{self.args[0]} runs already"
        with open(self.log, "ab") as log:
            # It dies with the tests, whatever becomes of them.
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", *self.args], env=self.env, cwd=self.cwd,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def runs(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)
        eventually(f"{self.args[0]} stands still", lambda: self.is_paused(), 5, pause=0.002)

    def is_paused(self):
        return pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0] in "Tt"

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self, seconds=45):
        """In order; the exit code."""
        if self.process is None:
            return 0
        if self.runs():
            self.process.terminate()
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return -9


class Stack:
    """The replicas of a service are called as it is, the second and later ones with their number behind it: "ingest.2"."""

    def __init__(self, cluster, name, scenario, sim_options=(), services=SERVICES, replicas=1, time_scale=TIME_SCALE,
                 settings=None, ingest_knows_all=False):
        assert replicas <= MOST_REPLICAS
        self.cluster, self.name = cluster, name
        self.place = min(cluster.places)
        cluster.places.remove(self.place)
        base = cluster.ports + 10 + PORTS_EACH * self.place
        self.folder = cluster.folder / name
        self.prefix = f"{name}."
        self.sim_port, self.webhook_port = base, base + 1
        names = [service + (f".{i}" if i > 1 else "") for i in range(1, replicas + 1) for service in SERVICES]
        self.admin = {service: base + 5 + i for i, service in enumerate(names)}
        self.scenario, self.sim_options = scenario, sim_options
        self.time_scale, self.settings, self.ingest_knows_all = time_scale, settings or {}, ingest_knows_all
        self.services = [name for name in names if kind_of(name) in services]
        self.programs, self.touched, self.topics, self.link = {}, [], None, None

    # ---- coming up and going down

    def start(self):
        journals = [f"journal/{name}" for name in self.services if kind_of(name) == "dispatcher"]
        for folder in ("log", "spool", "keys", *journals):
            (self.folder / folder).mkdir(parents=True)
        self._write_files()
        self.dsn = self.cluster.database(self.name)
        self.env = self._environment()
        self.tool("migrate")
        self.tool("topics", "create")
        self.topics = Topics(self.cluster.bootstrap, self.prefix)
        self._start_sim()
        for service in self.services:
            self.start_service(service)
        for service in self.services:
            self.await_ready(service)
        self.connect()

    def connect(self):
        """A link that died with PostgreSQL is replaced in this way, too."""
        self.link = psycopg2.connect(self.dsn)
        self.link.autocommit = True

    def stop(self):
        for service in self.services:
            if service in self.programs and self.programs[service].runs():
                self.programs[service].process.terminate()
        for program in self.programs.values():
            program.stop()
        if self.topics is not None:
            self.topics.close()
        if self.link is not None:
            self.link.close()
        self.cluster.places.add(self.place)

    def _write_files(self):
        self.callback_key = secrets.token_bytes(32)
        keys = self.folder / "keys"
        (keys / "callback").write_text(f"7 {self.callback_key.hex()}\n")
        (keys / "store").write_text(f"1 {secrets.token_hex(32)}\n")
        # An app that was given the products as they once were.
        older = (f"  - name: older\n    shortcode: \"{SHORTCODE}\"\n    consumer_key: older-key\n    consumer_secret: older-secret\n"
                 f"    initiator: tests\n    initiator_password: \"{INITIATOR_PASSWORD}\"\n    certificate_file: initiator.cer\n"
                 f"    api_base: http://127.0.0.1:{self.sim_port}\n    b2c_version: v1\n    bill_app_key: {BILL_APP_KEY}\n    older_b2b: \"yes\"\n    till_identifier: \"2\"\n")
        (keys / "ingest-accounts.yaml").write_text(f"accounts:\n{older}")
        (keys / "accounts.yaml").write_text(
            f"accounts:\n{older}  - name: harbour\n    shortcode: \"{SHORTCODE}\"\n    consumer_key: harbour-key\n"
            f"    consumer_secret: harbour-secret\n    passkey: {PASSKEY}\n"
            f"    api_base: http://127.0.0.1:{self.sim_port}\n    c2b_secret: {HARBOUR_C2B_SECRET}\n"
            "    c2b_pattern: INV-#{4,8}|SHOP *\n    c2b_minimum: \"10\"\n    c2b_maximum: \"5000.50\"\n"
            "    c2b_shortcodes: [\"600000\", \"600001\"]\n    c2b_needs_phone: \"yes\"\n"
            "    c2b_references_file: references\n    c2b_reject_unknown: \"yes\"\n")
        (keys / "references").write_text("# known\nINV-1001\ninv-1002, Asha\n")
        (self.folder / "scenario.json").write_text(json.dumps(self.scenario))
        # What Safaricom publishes, and the key that only Safaricom has.
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=daraja", "-keyout",
                        str(self.folder / "initiator.key"), "-out", str(keys / "initiator.cer")], check=True, capture_output=True, timeout=60)

    def _values(self):
        return {"MKONDO_KAFKA_BOOTSTRAP": self.cluster.bootstrap, "MKONDO_TOPIC_PREFIX": self.prefix}

    def _environment(self):
        settings = {
            **self._values(), "MKONDO_PG": self.dsn, "MKONDO_STORE_KEYS_FILE": str(self.folder / "keys/store"),
            "MKONDO_CALLBACK_KEYS_FILE": str(self.folder / "keys/callback"), "MKONDO_CALLBACK_SOURCES": "127.0.0.1",
            "MKONDO_WEBHOOK_LISTEN": f"127.0.0.1:{self.webhook_port}", "MKONDO_TIME_SCALE": str(self.time_scale),
            "MPESA_ENVIRONMENT": "sandbox", "MPESA_CONSUMER_KEY": "tests-key", "MPESA_CONSUMER_SECRET": "tests-secret",
            "MPESA_BUSINESS_SHORT_CODE": SHORTCODE, "MPESA_PASSKEY": PASSKEY, "MPESA_INITIATOR_NAME": "tests",
            "MPESA_INITIATOR_PASSWORD": INITIATOR_PASSWORD, "MPESA_CERTIFICATE_FILE": str(self.folder / "keys/initiator.cer"),
            "MPESA_C2B_SECRET": C2B_SECRET,
            "MPESA_API_BASE_URL": f"http://127.0.0.1:{self.sim_port}",
            "MPESA_CALLBACK_BASE_URL": f"http://127.0.0.1:{self.webhook_port}",
        }
        settings.update({f"MKONDO_RATE_{lane}": "1000" for lane in ("INTERACTIVE", "PAYOUT", "BUSINESS", "CARE", "QUERY")})
        settings.update(self.settings)
        return clean_environment(**settings)

    def _start_sim(self):
        ready = self.folder / "sim.port"
        args = [str(BIN / "darajasim"), "--listen", f"127.0.0.1:{self.sim_port}", "--ledger", str(self.ledger_file),
                "--scenario", str(self.folder / "scenario.json"), "--time-scale", str(self.time_scale), "--passkey", PASSKEY,
                "--token-life", str(TOKEN_LIFE_S), "--port-file", str(ready),
                "--initiator-key", str(self.folder / "initiator.key"), "--initiator-password", INITIATOR_PASSWORD, *self.sim_options]
        sim = self.programs["darajasim"] = Program(args, clean_environment(), self.folder / "log/darajasim.log", ROOT)
        sim.start()
        eventually("darajasim is up", ready.exists)

    # Ingest does not know the account harbour until a test says otherwise; the others know all of them.
    def start_service(self, service, options=(), **changes):
        own = {"MKONDO_ADMIN_LISTEN": f"127.0.0.1:{self.admin[service]}"}
        if kind_of(service) == "dispatcher":
            own["MKONDO_SEND_JOURNAL_DIR"] = str(self.folder / "journal" / service)
        everybodys = kind_of(service) != "ingest" or self.ingest_knows_all
        own["MKONDO_ACCOUNTS_FILE"] = str(self.folder / "keys" / ("accounts.yaml" if everybodys else "ingest-accounts.yaml"))
        program = Program([str(BIN / f"mkondo-{kind_of(service)}"), *options], {**self.env, **own, **changes},
                          self.folder / f"log/{service}.log", ROOT)
        self.programs[service] = program
        program.start()

    # ---- what a sender and a receiver of results do

    def send(self, command, encoding=PROTOBUF, headers=()):
        """Publishes a command; its id."""
        value = encode(command) if encoding == PROTOBUF else json.dumps(command).encode()
        return self.send_bytes(command["id"], value, [("content-type", encoding), *headers])

    def send_bytes(self, payment, value, headers=()):
        if payment not in self.touched:
            self.touched.append(payment)
        self.topics.send(payment, value, headers)
        self.topics.flush()
        return payment

    def await_outcome(self, payment, outcome, version=None, seconds=20.0):
        return self.topics.await_outcome(payment, outcome, version, seconds)

    def await_state(self, payment, state, seconds=20.0):
        eventually(f"{payment} is {state}", lambda: self.state(payment) == state, seconds)

    # ---- single services

    def restart(self, service, **changes):
        code = self.programs[service].stop()
        assert code == 0, f"{service} ended with {code}\n{self.log_tail(service)}"
        self.start_service(service, **changes)
        self.await_ready(service)

    def kill(self, service):
        self.programs[service].kill()

    def is_ready(self, service):
        assert self.programs[service].runs(), f"{service} has ended\n{self.log_tail(service)}"
        link = http.client.HTTPConnection("127.0.0.1", self.admin[service], timeout=2)
        with contextlib.closing(link), contextlib.suppress(OSError, http.client.HTTPException):
            link.request("GET", "/readyz")
            return link.getresponse().status == 200
        return False

    def await_ready(self, service):
        try:
            eventually(f"{service} is ready", lambda: self.is_ready(service), 30)
        except AssertionError as fault:
            raise AssertionError(f"{fault}\n{self.log_tail(service)}") from None

    # ---- looking into it

    def tool(self, *words, check=True):
        done = subprocess.run([str(BIN / "mkondo"), *words], env=self.env, cwd=ROOT, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        assert not check or done.returncode == 0, f"mkondo {' '.join(words)} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def print_config(self, service):
        program = self.programs[service]
        return subprocess.run([program.args[0], "--print-config"], env=program.env, cwd=ROOT, text=True, check=True,
                              capture_output=True, timeout=30).stdout

    def sql(self, query, *values):
        with self.link.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def state(self, payment):
        """The state's name, "" for a payment that is not there."""
        rows = self.sql("select n.name from payment_state s join state_name n on n.no = s.state where s.id = %s", payment)
        return rows[0][0] if rows else ""

    def await_settled(self, payment):
        """None of its results is owed: whatever is published from now on has a reason of its own. How many there are."""
        eventually(f"nothing is owed about {payment}", lambda: not self.sql("select 1 from owed where %s::uuid = any(ids)", payment))
        return len(self.topics.results[payment])

    def dump(self):
        """All that the database holds, as text. What is sealed is sealed here, too."""
        tables = self.sql("select tablename from pg_tables where schemaname = 'public'")
        return "\n".join(row[0] for table, in tables for row in self.sql(f"select t::text from {table} t"))

    def end_the_day(self):
        """A payout that was claimed and never sent stays in doubt for a day, on the tests' clock seven minutes: for these the
        day is over now, when all others are settled. The poller finds them at their next look."""
        self.sql("update payment_state set horizon_at = now() where id in (select s.id from payment_state s join payment p"
                 " using (id) join state_name n on n.no = s.state where p.api = 2 and n.name in ('PENDING', 'UNKNOWN'))")

    def end_the_day_of(self, payment):
        """Its horizon has passed."""
        self.sql("update payment_state set horizon_at = now(), due_at = now() where id = %s", payment)
        self.sql("update timer set due_at = now() where %s::uuid = any(ids)", payment)

    def journal(self, payment):
        """Its events, in order."""
        return [row[0] for row in self.sql("select event from journal where payment_id = %s order by no, line", payment)]

    @property
    def ledger_file(self):
        return self.folder / "ledger.jsonl"

    def ledger(self, payment=None, kind=None):
        """The simulator's lines; those of one payment, of one kind."""
        wanted = payment.replace("-", "") if payment else None
        lines = [json.loads(line) for line in self.ledger_file.read_text().splitlines() if line.endswith("}")]
        return [line for line in lines if (wanted is None or line.get("payment") == wanted)
                and (kind is None or line["kind"] == kind)]

    def requests(self, payment):
        """Those that the gateway let in: a token that another one has just replaced is refused, and that is no attempt."""
        refused = {line["request"] for line in self.ledger(kind="answer") if line.get("code") == "invalid_token"}
        return [line for line in self.ledger(payment, "request") if line["request"] not in refused]

    def executions(self, payment):
        return self.ledger(payment, "executed")

    def sim(self, path, **body):
        link = http.client.HTTPConnection("127.0.0.1", self.sim_port, timeout=10)
        with contextlib.closing(link):
            link.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            answer = link.getresponse()
            text = answer.read().decode()
        assert answer.status in (200, 202), f"{path}: {answer.status} {text}"

    def call_back(self, payment, kind="again", source=""):
        """Daraja sends one more callback about this payment."""
        self.sim("/sim/callback", payment=payment.replace("-", ""), kind=kind, source=source)

    def post(self, path, body, source="127.0.0.1"):
        """A request to the webhook, from an address of ours; the status."""
        link = http.client.HTTPConnection("127.0.0.1", self.webhook_port, timeout=10, source_address=(source, 0))
        with contextlib.closing(link):
            link.request("POST", path, body, {"Content-Type": "application/json"})
            return link.getresponse().status

    def metric(self, service, name):
        """The sum of what this replica says under a name, labels and all: mkondo_sends_total{fate="sent"}, or all fates."""
        link = http.client.HTTPConnection("127.0.0.1", self.admin[service], timeout=5)
        with contextlib.closing(link):
            link.request("GET", "/metrics")
            page = link.getresponse().read().decode()
        return sum(float(line.rpartition(" ")[2]) for line in page.splitlines()
                   if line.startswith(name) and line[len(name)] in "{ ")

    def log(self, name):
        return (self.folder / f"log/{name}.log").read_text(errors="replace")

    def log_tail(self, name, lines=15):
        text = self.log(name).splitlines()
        return f"--- {name}.log\n" + "\n".join(text[-lines:])

    def report(self):
        """What a person wants to see when a test has failed."""
        parts = [self.tool("explain", payment, check=False) for payment in self.touched[-6:]]
        parts += [f"results of {payment}: {self.topics.outcomes(payment)}" for payment in self.touched[-6:]]
        return "\n".join(parts + [self.log_tail(name) for name in self.programs])
