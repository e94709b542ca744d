"""What a phase costs: CPU by process and by group, PostgreSQL's own counters, the memory's peak, and what the machine lost to others.

CPU is user and system time of /proc/PID/stat, which has all threads, the ended ones too; in steps of 10 ms. PostgreSQL is its
postmaster, all of its children, and the children that it has reaped."""

import os
import pathlib
import time

COUNTERS_S = 1.1
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def stat_of(pid):
    """The fields behind the name: [0] is the state, [1] the parent; None if it has ended."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def cpu_s(pid, reaped=False):
    fields = stat_of(pid)
    if fields is None:
        return 0.0
    return sum(int(ticks) for ticks in fields[11:15 if reaped else 13]) * TICK_S


def children(parent):
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = stat_of(entry.name)
            if fields is not None and int(fields[1]) == parent:
                yield int(entry.name)


def family_cpu_s(parent, leave_out=()):
    """A server and its children; not those of its children that serve ourselves."""
    return cpu_s(parent, reaped=True) + sum(cpu_s(pid) for pid in children(parent) if pid not in leave_out)


def status_mb(pid, name):
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) / 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0.0


def family_mb(parent):
    """What the processes have of their own at their peaks, and what they share once."""
    pids = [parent, *children(parent)]
    own = sum(max(0.0, status_mb(pid, "VmHWM") - status_mb(pid, "RssShmem") - status_mb(pid, "RssFile")) for pid in pids)
    return own + max(status_mb(pid, "RssShmem") + status_mb(pid, "RssFile") for pid in pids)


def machine():
    """(all ticks, stolen ticks) since the machine began."""
    fields = [int(field) for field in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return sum(fields), fields[7]


SERVER_COUNTERS = ("select xact_commit + xact_rollback from pg_stat_database where datname = current_database()",
                   "select wal_sync from pg_stat_wal", "select wal_bytes::bigint from pg_stat_wal")


class Reading:
    """Everything that only grows, at one moment."""

    def __init__(self, ground, told=False):
        """told: PostgreSQL's counters are wanted, too, which its processes tell up to a second late."""
        self.at = time.monotonic()
        self.cpu = {name: cpu_s(pid) for name, pid in ground.pids().items()}
        self.cpu["postgres"] = family_cpu_s(ground.postmaster, leave_out=[ground.backend])
        self.all, self.stolen = machine()
        if told:
            time.sleep(COUNTERS_S)
        self.server = [int(ground.sql(query)[0][0]) for query in SERVER_COUNTERS]

    def since(self, before):
        """What was used between the two."""
        cpu = {name: max(0.0, used - before.cpu.get(name, 0.0)) for name, used in self.cpu.items()}
        commits, syncs, wal = (now - then for now, then in zip(self.server, before.server))
        return {"seconds": self.at - before.at, "cpu_s": cpu, "commits": commits, "wal_syncs": syncs, "wal_bytes": wal,
                "steal_percent": 100.0 * (self.stolen - before.stolen) / max(1, self.all - before.all)}


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2
