"""Where a bench takes place: PostgreSQL and Apache Kafka of its own, and on them a mkondo with the settings of an operator who
wants throughput. docs/performance.md tells which these are and why."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "stack")]
sys.dont_write_bytecode = True

import psycopg2  # noqa: E402
from mkondo_stack import (BIN, PASSKEY, ROOT, SERVICES, SHORTCODE, Cluster, Program, Stack, clean_environment,  # noqa: E402,F401
                          eventually)

CALLS_A_SECOND = 100000  # more than any of this can do: the lanes never wait
CONNECTIONS = 256
WARM_PAGES, WARM_SEGMENTS = 50000, 40
SERVER_SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "16GB", "min_wal_size": "1GB", "wal_buffers": "64MB", "checkpoint_timeout": "30min",
                   "wal_compression": "lz4"}
SCENARIO = {"defaults": {"result": "paid", "outcome_after_ms": 0, "callback_after_ms": 0, "utility_balance": 10**12}}


class BenchCluster(Cluster):
    def __init__(self, statements=False):
        super().__init__()
        self.settings = dict(SERVER_SETTINGS)
        if statements:
            self.settings |= {"shared_preload_libraries": "pg_stat_statements"}

    def start(self):
        super().start()
        link = psycopg2.connect(self.postgres)
        link.autocommit = True
        for name, value in self.settings.items():
            link.cursor().execute(f"alter system set {name} = %s", (value,))
        link.close()
        self.crash_postgres()
        self._warm()

    def _warm(self):
        """A server that has been up for a while has touched its buffers and has segments of the log to use again; a new one would pay
        for both with the first payments."""
        with contextlib.closing(psycopg2.connect(self.postgres)) as link:
            link.autocommit = True
            cursor = link.cursor()
            cursor.execute("create unlogged table warm (filler text)")
            cursor.execute("alter table warm alter filler set storage plain")
            cursor.execute(f"insert into warm select repeat('x', 7000) from generate_series(1, {WARM_PAGES})")
            cursor.execute("drop table warm")
            for _ in range(WARM_SEGMENTS):
                cursor.execute("select txid_current()")
                cursor.execute("select pg_switch_wal()")
            cursor.execute("checkpoint")


class Ground(Stack):
    """A new database and new topics; services are started when they are wanted."""

    count = 0

    def __init__(self, cluster, outcome_ms=0, log_level="warn"):
        Ground.count += 1
        scenario = json.loads(json.dumps(SCENARIO))
        scenario["defaults"]["outcome_after_ms"] = outcome_ms
        super().__init__(cluster, f"bench{Ground.count}", scenario)
        self.log_level = log_level

    def start(self, services=SERVICES, daraja=True):
        for folder in ("log", "keys", "journal/dispatcher"):
            (self.folder / folder).mkdir(parents=True)
        self._write_files()
        (self.folder / "keys/accounts.yaml").unlink()
        self.dsn = self.cluster.database(self.name)
        self.env = self._environment()
        self.tool("migrate")
        self.tool("topics", "create")
        self.connect()
        if daraja:
            self._start_sim()
        self.start_services(services)

    def _environment(self):
        lanes = {name: str(CALLS_A_SECOND) for name in super()._environment() if name.startswith("MKONDO_RATE_")}
        return {**super()._environment(), **lanes, "MKONDO_TIME_SCALE": "1", "MKONDO_LOG_LEVEL": self.log_level,
                "MKONDO_CONNECTIONS": str(CONNECTIONS)}

    def _start_sim(self):
        ready = self.folder / "sim.port"
        args = [str(BIN / "darajasim"), "--listen", f"127.0.0.1:{self.sim_port}", "--ledger", str(self.ledger_file),
                "--scenario", str(self.folder / "scenario.json"), "--passkey", PASSKEY, "--sync", "no",
                "--port-file", str(ready)]
        sim = self.programs["darajasim"] = Program(args, clean_environment(), self.folder / "log/darajasim.log", ROOT)
        sim.start()
        eventually("darajasim is up", ready.exists)

    def start_services(self, services):
        for service in services:
            self.start_service(service)
        for service in services:
            self.await_ready(service)

    # One account only, and no settings but its own: Stack's would name a file of further accounts.
    def start_service(self, service, **changes):
        settings = {**self.env, "MKONDO_ADMIN_LISTEN": f"127.0.0.1:{self.admin[service]}", **changes}
        if service == "dispatcher":
            settings["MKONDO_SEND_JOURNAL_DIR"] = str(self.folder / "journal/dispatcher")
        program = Program([str(BIN / f"mkondo-{service}")], settings, self.folder / f"log/{service}.log", ROOT)
        self.programs[service] = program
        program.start()

    def change_scenario(self, **defaults):
        """Before the start."""
        self.scenario["defaults"] |= defaults

    def hold(self, service):
        """Starts it, lets it become ready and stops it there: what it does to begin with is not measured. Its group keeps it."""
        properties = self.folder / "keys/held.properties"
        properties.write_text("session.timeout.ms=60000\nmax.poll.interval.ms=300000\n")
        self.start_service(service, MKONDO_KAFKA_PROPERTIES_FILE=str(properties))
        self.await_ready(service)
        self.programs[service].process.send_signal(signal.SIGSTOP)

    def release(self, service):
        self.programs[service].process.send_signal(signal.SIGCONT)

    def connect(self):
        super().connect()
        self.backend = self.sql("select pg_backend_pid()")[0][0]

    def pids(self):
        """What is measured, but for PostgreSQL."""
        pids = {name: program.process.pid for name, program in self.programs.items() if program.runs()}
        return {**pids, "kafka": int((self.cluster.folder / "kafka/kafka.pid").read_text())}

    @property
    def postmaster(self):
        return int((self.cluster.folder / "pg/postmaster.pid").read_text())

    def stop(self):
        for program in self.programs.values():
            if program.runs():
                program.process.send_signal(signal.SIGCONT)  # who is held cannot end in order
        super().stop()

    # ---- load

    def client(self, payments, within=180, check=True, **options):
        """Commands out, results in; what the client counted."""
        words = [f"--{name.replace('_', '-')}={value}".split("=", 1) for name, value in options.items() if value is not None]
        args = [str(BIN / "bench_client"), "--brokers", self.cluster.bootstrap, "--prefix", self.prefix, "--payments",
                str(payments), "--within", str(within), *(word for pair in words for word in pair)]
        done = subprocess.run(args, env=clean_environment(), text=True, stdout=subprocess.PIPE, timeout=within + 60, check=False)
        assert not check or done.returncode == 0, f"bench_client: not all of it came back: {done.stdout}"
        return json.loads(done.stdout)

    def await_rest(self, seconds=30):
        """Every result is acknowledged and crossed out."""
        eventually("no result is owed", lambda: self.sql("select count(*) from owed") == [(0,)], seconds, pause=0.1)

    def executed(self):
        """{payment: how often money moved for it}, by the simulator's ledger."""
        counts = {}
        with open(self.ledger_file, encoding="utf-8") as ledger:
            for line in ledger:
                if '"kind":"executed"' in line:
                    ident = json.loads(line)["payment"]
                    counts[ident] = counts.get(ident, 0) + 1
        return counts


def keep_lines(name, row):
    """Every line that a bench has printed is kept."""
    folder = ROOT / "build/bench"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lines.jsonl", "a", encoding="utf-8") as lines:
        lines.write(json.dumps({"bench": name, **row}) + "\n")


def cores():
    return len(os.sched_getaffinity(0))
