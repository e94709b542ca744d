"""bench all --profile: where the CPU of a run goes. perf's samples of each service and of PostgreSQL's processes, by library and by
function, and the statements by the time that they take. It costs a few percent: numbers of such a run are not for the table."""

import re
import shutil
import signal
import subprocess

from gauge import children
from ground import ROOT, SERVICES, clean_environment

SAMPLES_A_SECOND, MOST_FUNCTIONS, MOST_STATEMENTS = 499, 40, 40
STATEMENTS = ("select calls, rows, round(total_exec_time::numeric, 1), round((total_exec_time / greatest(calls, 1) * 1000)::numeric, 1),"
              " wal_bytes, left(regexp_replace(query, '\\s+', ' ', 'g'), 110) from pg_stat_statements s join pg_database d"
              f" on d.oid = s.dbid where d.datname = current_database() order by total_exec_time desc limit {MOST_STATEMENTS}")


class Hotspots:
    def __init__(self):
        assert shutil.which("perf"), "perf is needed: apt-get install linux-perf"
        self.folder = ROOT / "build/bench/profile"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.recorders = {}

    def begin(self, ground):
        ground.sql("create extension if not exists pg_stat_statements")
        ground.sql("select pg_stat_statements_reset()")
        groups = {name: [pid] for name, pid in ground.pids().items() if name in SERVICES}
        groups["postgres"] = [ground.postmaster, *(pid for pid in children(ground.postmaster) if pid != ground.backend)]
        for name, pids in groups.items():
            with open(self.folder / f"{name}.log", "wb") as log:
                self.recorders[name] = subprocess.Popen(
                    ["perf", "record", "-q", "-e", "cpu-clock", "-F", str(SAMPLES_A_SECOND), "-g", "-p",
                     ",".join(str(pid) for pid in pids), "-o", str(self.folder / f"{name}.data")],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=clean_environment())

    def end(self, ground):
        for recorder in self.recorders.values():
            recorder.send_signal(signal.SIGINT)
        for recorder in self.recorders.values():
            recorder.wait(30)
        rows = ground.sql(STATEMENTS)
        lines = [f"{'calls':>8} {'rows':>9} {'ms':>10} {'us/call':>9} {'wal kB':>9}  statement"]
        lines += [f"{calls:>8} {count:>9} {ms:>10} {each:>9} {wal / 1000:>9.0f}  {text}" for calls, count, ms, each, wal, text in rows]
        (self.folder / "statements.txt").write_text("\n".join(lines) + "\n")

    def tell(self):
        """After the run: perf's own work must not disturb it."""
        parts = ["statements by time\n" + (self.folder / "statements.txt").read_text()]
        for name in self.recorders:
            parts += [f"{name}: CPU by thread and library\n{self._report(name, 'comm,dso')}", f"{name}: CPU by function\n{self._report(name, 'dso,symbol')}",
                      f"{name}: CPU by function and what it calls\n{self._report(name, 'symbol', inclusive=True)}"]
        text = "\n".join(parts)
        (self.folder / "profile.txt").write_text(text)
        return text

    def _report(self, name, sort, inclusive=False):
        words = ["perf", "report", "-i", str(self.folder / f"{name}.data"), "--stdio", "-g", "none", "--sort", sort,
                 "--children" if inclusive else "--no-children"]
        done = subprocess.run(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False, timeout=120)
        lines = [re.sub(r"\s+$", "", line) for line in done.stdout.splitlines() if line.strip() and not line.startswith("#")]
        return "\n".join(lines[:MOST_FUNCTIONS]) + "\n"
