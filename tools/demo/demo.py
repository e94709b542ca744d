#!/usr/bin/python3
"""demo.py DIR: publishes examples/demo.jsonl to the stack in DIR, follows the results and says what became of each
payment; exits 1 when one of them did not end as the file expects, or when the simulator's ledger does not agree."""

import collections
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMANDS = ROOT / "examples" / "demo.jsonl"
LIMIT_S = 50.0
OPERATION_WIDTH = 10
LATER_S = 1.5    # what is asked about, and what comes again, comes after the first have their results


def environment(folder):
    """The stack's settings, from its file of export lines."""
    env = {name: value for name, value in os.environ.items() if name != "MKONDO_BIN"}
    for line in (folder / "env").read_text().splitlines():
        if line.startswith("export "):
            name, _, value = line[len("export "):].partition("=")
            env[name] = value.strip("'\"")
    return env


class Stack:
    def __init__(self, folder):
        self.folder = folder
        self.env = environment(folder)
        self.tool = os.environ.get("MKONDO_BIN", str(ROOT / "build/release/bin")) + "/mkondo"

    def send(self, lines):
        self.run("send", "-", text="\n".join(json.dumps(line) for line in lines))

    def run(self, *words, text=None):
        done = subprocess.run([self.tool, *words], env=self.env, input=text, capture_output=True, text=True, cwd=ROOT, check=False)
        if done.returncode != 0:
            sys.exit(f"demo: mkondo {' '.join(words)} failed ({done.returncode}): {done.stderr.strip()}")
        return done.stdout

    def follow(self):
        return subprocess.Popen([self.tool, "results", "--follow", "--json", "--for", "120"], env=self.env,
                                stdout=subprocess.PIPE, text=True, cwd=ROOT)


def masked(ident):
    return f"{ident[:6]}…{ident[-4:]}"


def money(cents):
    shillings, rest = divmod(int(cents), 100)
    return f"{shillings:,}" + (f".{rest:02d}" if rest else "")


def why(result, comment):
    cause = result.get("cause", {})
    if result["outcome"] == "REJECTED":
        return f"{cause.get('field', '')}: {cause.get('text', '')}"
    if cause.get("code"):
        advice = cause.get("advice", "")
        return f"{cause['code']} {cause.get('text', '')}" + (f" · {advice}" if advice else "")
    if result.get("answer"):
        return f"{comment}: {result['answer'].get('code', '')} {result['answer'].get('text', '')}"
    return comment


def show(result, comment, seen):
    took = (int(result.get("decided_at_ms", 0)) - int(result.get("accepted_at_ms", 0))) / 1000
    version = int(result.get("version", 0))
    prefix = f"version {version}: " if version > 1 else ("again: " if seen else "")
    print(f"  {masked(result['id'])}  {result.get('operation', '-'):{OPERATION_WIDTH}} {money(result.get('amount_cents', 0)):>9}  "
          f"{result.get('party', '') or '-':<12}  {result['outcome']:<10}  {result.get('receipt', '') or '-':<10}  "
          f"{took:6.2f} s  {(prefix + why(result, comment))[:150]}", flush=True)


class Watcher:
    """Reads results until every payment is where the file expects it, or the time is up."""

    def __init__(self, expected, comments):
        self.expected, self.comments = expected, comments
        self.latest = {}
        self.versions = collections.Counter()
        self.shown = set()
        self.done = threading.Event()

    def take(self, line):
        result = json.loads(line)
        ident, version = result["id"], int(result.get("version", 0))
        if version == 0:
            return
        again = (ident, version) in self.shown
        self.versions[(ident, version)] += 1
        if not again or self.versions[(ident, version)] == 2:
            show(result, self.comments.get(ident, ""), again)
        self.shown.add((ident, version))
        if ident not in self.latest or version >= int(self.latest[ident].get("version", 0)):
            self.latest[ident] = result
        if all(ident in self.latest and self.latest[ident]["outcome"] == want for ident, want in self.expected.items()):
            self.done.set()

    def read(self, stream):
        for line in stream:
            self.take(line)


def ledger_of(folder):
    """The simulator's truth: executions and requests per payment."""
    executions, requests = collections.Counter(), collections.Counter()
    for line in (folder / "ledger.jsonl").read_text().splitlines():
        entry = json.loads(line)
        who = entry.get("payment")
        if entry["kind"] == "executed":
            executions[who] += 1
        elif entry["kind"] == "request" and entry.get("api") in ("stk_push", "b2c"):
            requests[who] += 1
    return executions, requests


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    stack = Stack(folder)
    lines = [json.loads(line) for line in COMMANDS.read_text().splitlines()]
    expected, comments = {}, {}
    for line in lines:
        if "command" in line:
            expected.setdefault(line["command"]["id"], line["expect"])
            comments.setdefault(line["command"]["id"], line["comment"])
    watcher = Watcher(expected, comments)
    begin = time.monotonic()
    follower = stack.follow()
    threading.Thread(target=watcher.read, args=(follower.stdout,), daemon=True).start()
    try:
        print(f"Publishing {len(lines)} commands from examples/demo.jsonl to mkondo.commands.v1 ...\n")
        print(f"  {'payment':11}  {'operation':10} {'KES':>9}  {'party':<12}  {'outcome':<10}  {'receipt':<10}  {'took':>8}  why")
        stack.send(line for line in lines if not line.get("later"))
        time.sleep(LATER_S)
        stack.send(line for line in lines if line.get("later"))
        watcher.done.wait(LIMIT_S)
        time.sleep(0.5)
    finally:
        follower.terminate()
        follower.wait()
    letters = stack.run("dlq", "list").strip().splitlines()
    print(f"  dead letters {len(letters)}:")
    for letter in letters:
        print(f"    {letter}")
    interesting = next(line["command"]["id"] for line in lines if "its answer and its result are lost" in line["comment"])
    print(f"\nWhat happened to {masked(interesting)} (mkondo explain):")
    print(stack.run("explain", interesting))
    return conclude(watcher, folder, len(lines), len(letters), interesting, begin)


def conclude(watcher, folder, count, letters, interesting, begin):
    executions, requests = ledger_of(folder)
    plain = interesting.replace("-", "")
    print(f"  At Daraja: executed {executions[plain]} time(s), sent {requests[plain]} time(s).\n")
    outcomes = collections.Counter(result["outcome"] for result in watcher.latest.values())
    faults = [f"{ident} is {watcher.latest.get(ident, {}).get('outcome', 'without a result')}, expected {want}"
              for ident, want in watcher.expected.items() if watcher.latest.get(ident, {}).get("outcome") != want]
    moved = {ident.replace("-", "") for ident, result in watcher.latest.items()
             if result["outcome"] == "SUCCEEDED" and result["operation"] in ("stk_push", "b2c")}
    not_moved = {ident.replace("-", "") for ident, result in watcher.latest.items() if result["outcome"] in ("FAILED", "REJECTED")}
    faults += [f"{who} was executed {times} times" for who, times in executions.items() if times > 1]
    faults += [f"{who} SUCCEEDED and was not executed" for who in moved if executions[who] != 1]
    faults += [f"{who} FAILED and was executed" for who in not_moved if executions[who]]
    print(f"{count} commands: {outcomes['SUCCEEDED']} succeeded, {outcomes['FAILED']} failed, {outcomes['REJECTED']} rejected, "
          f"{letters} dead letters, {outcomes['UNRESOLVED']} unresolved, {outcomes['CONFLICT']} conflicts. "
          f"Simulator's ledger: {sum(executions.values())} executions, "
          f"{'none' if all(v == 1 for v in executions.values()) else 'SOME'} twice.")
    for fault in faults:
        print(f"demo: {fault}", file=sys.stderr)
    print("Try: ./run stack · mkondo send --new-id examples/stk_push.json · mkondo results --follow · docs/contract.md"
          f"{time.monotonic() - begin:>16.1f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
