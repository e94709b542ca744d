#!/usr/bin/python3
"""Payments under load while everything dies: two replicas of each service, PostgreSQL, Kafka and a simulated Daraja.

    ./run chaos --minutes N --seed S [--payments N]

The seed decides which fault happens when and what is sent when: services are killed or stopped for longer than a lease,
PostgreSQL and the broker are ended as by a crash, and M-PESA loses, doubles and delays answers and callbacks. When it is calm again
every payment must have a result, and the books must agree: ledger_check.py, and the dispatchers' send journals. Exit 1 if
they do not."""

import argparse
import collections
import concurrent.futures
import heapq
import pathlib
import random
import signal
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "stack")]
sys.dont_write_bytecode = True

import ledger_check  # noqa: E402
import send_journal  # noqa: E402
from contract import b2c, encode, in_ms, stk  # noqa: E402
from google.protobuf import json_format  # noqa: E402
from mkondo_stack import Cluster, Stack, kind_of  # noqa: E402

REPLICAS, PAYMENTS_A_MINUTE, STK_PERCENT, REPEATED_PERCENT = 2, 400, 70, 5
# One deck after the other, each shuffled: a run has its share of every fault. So have the replicas.
DECK = ["kill"] * 12 + ["stop"] * 5 + ["postgres"] * 2 + ["kafka"]
BETWEEN_FAULTS_S, STOPPED_S, QUIET_END_S = (1.5, 3.5), (1.0, 3.0), 5.0
START_AGAIN_S = 0.5
# How long things may take when nothing fails any more.
READY_S, PROMPTS_S, KNOWN_S, PAYOUTS_S, OWED_S = 120, 180, 90, 60, 30


def now_and_then(percent, api, **do):
    return {"percent": percent, "api": api, "do": do}


# The first rule whose chance comes up wins. A delayed answer is later than the lease of 45 s, a delayed callback than the first questions.
SCENARIO = {
    "defaults": {"result": "paid", "shape": "any", "answer_after_ms": 5000, "outcome_after_ms": 7000, "callback_after_ms": 1000},
    "rules": [
        now_and_then(2, "*", answer="lost_after"),
        now_and_then(1, "*", answer="lost_before"),
        now_and_then(1, "b2c", answer="truncated", callback="lost"),
        now_and_then(3, "*", answer_after_ms=60000),
        now_and_then(3, "*", callback="lost"),
        now_and_then(3, "*", callback="doubled"),
        now_and_then(3, "*", callback_after_ms=600000),
        now_and_then(3, "stk_push", callback="before_answer"),
        now_and_then(1, "*", answer="spike_arrest"),
        now_and_then(5, "stk_push", result=1032),
        now_and_then(3, "b2c", result=1),
    ],
}


def dealt(luck, cards):
    """One card after the other, for ever; the deck is shuffled whenever it is through."""
    while True:
        yield from luck.sample(cards, len(cards))


class Plan:
    """What is sent when, and what fails when."""

    def __init__(self, seed, seconds, payments, names):
        luck = random.Random(seed)
        self.seconds = seconds
        self.commands = [self._command(luck, number, seconds) for number in range(payments)]
        sends = [(luck.uniform(0, seconds), number) for number in range(payments)]
        sends += [(luck.uniform(0, seconds), number) for number in luck.sample(range(payments), payments * REPEATED_PERCENT // 100)]
        self.sends = [(at, self.commands[number]) for at, number in sorted(sends)]
        self.faults = list(self._faults(luck, seconds, names))

    @staticmethod
    def _command(luck, number, seconds):
        make = stk if luck.random() * 100 < STK_PERCENT else b2c
        return make(f"2541{number:08d}", luck.randrange(10, 2000), valid_until_ms=in_ms(seconds + 600))

    @staticmethod
    def _faults(luck, seconds, names):
        kinds, at = dealt(luck, DECK), luck.uniform(*BETWEEN_FAULTS_S)
        victims = {kind: dealt(luck, names) for kind in DECK}
        while at < seconds - QUIET_END_S:
            kind = next(kinds)
            yield at, kind, next(victims[kind]), luck.uniform(*STOPPED_S)
            at += luck.uniform(*BETWEEN_FAULTS_S)


class Chaos:
    """Does the faults, and is the supervisor that a service has: what ends by itself is started again. Processes are started by
    the main thread only, since they die with the thread that made them."""

    def __init__(self, cluster, stack):
        self.cluster, self.stack = cluster, stack
        self.done, self.ended = collections.Counter(), collections.Counter()
        self.stopped, self.start_at = [], {}  # (when it goes on, process); {replica: when}
        self.servers = concurrent.futures.ThreadPoolExecutor(1)
        self.restarts = []

    def fault(self, kind, name, stopped_s):
        program = self.stack.programs[name]
        if kind in ("kill", "stop") and not program.runs():
            return  # look_after starts it again
        if kind == "kill":
            self.stack.kill(name)
            self.stack.start_service(name)
        elif kind == "stop":
            program.process.send_signal(signal.SIGSTOP)
            heapq.heappush(self.stopped, (time.monotonic() + stopped_s, program.process.pid, program.process))
        else:
            crash = self.cluster.crash_postgres if kind == "postgres" else self.cluster.crash_kafka
            self.restarts.append(self.servers.submit(crash))
        self.done[f"{kind} {kind_of(name)}" if kind in ("kill", "stop") else kind] += 1

    def look_after(self):
        now = time.monotonic()
        while self.stopped and self.stopped[0][0] <= now:
            heapq.heappop(self.stopped)[2].send_signal(signal.SIGCONT)
        for name in self.stack.services:
            program = self.stack.programs[name]
            if program.runs():
                continue
            if name not in self.start_at:
                self.ended[f"{kind_of(name)} ended by itself with {program.process.returncode}"] += 1
                self.start_at[name] = now + START_AGAIN_S
            elif self.start_at[name] <= now:
                del self.start_at[name]
                self.stack.start_service(name)

    def wait(self, until):
        while time.monotonic() < until:
            self.look_after()
            time.sleep(min(0.05, max(0.0, until - time.monotonic())))

    def eventually(self, what, look, seconds):
        until = time.monotonic() + seconds
        while not look():
            assert time.monotonic() < until, f"not within {seconds} s: {what}"
            self.wait(time.monotonic() + 0.2)

    def calm(self):
        """No more faults: servers are up again, everybody runs and is ready."""
        self.eventually("who was stopped goes on", lambda: not self.stopped, 30)
        self.eventually("the servers are up again", lambda: all(one.done() for one in self.restarts), 300)
        for one in self.restarts:
            one.result()
        self.eventually("all services are ready", self._all_ready, READY_S)

    def _all_ready(self):
        return all(self.stack.programs[name].runs() and self.stack.is_ready(name) for name in self.stack.services)

    def crashes(self):
        """Ends that a supervisor should never see: by a signal, by a sanitizer, or in order though nobody asked."""
        sim = [] if self.stack.programs["darajasim"].runs() else ["darajasim"]
        return sim + [f"{what}: {count} times" for what, count in self.ended.items() if not what.endswith(" 75")]


def send_all(stack, plan, start):
    for at, command in plan.sends:
        time.sleep(max(0.0, start + at - time.monotonic()))
        stack.topics.send(command["id"], encode(command))


def run_load(chaos, plan):
    start = time.monotonic()
    load = threading.Thread(target=send_all, args=(chaos.stack, plan, start), daemon=True)
    load.start()
    for at, *fault in plan.faults:
        chaos.wait(start + at)
        chaos.fault(*fault)
    chaos.wait(start + plan.seconds)
    load.join(30)
    assert not load.is_alive(), "everything was sent"


def settle(chaos, plan):
    """Until each payment has a result and none is owed."""
    stack = chaos.stack
    payouts = [one for one in plan.commands if "b2c" in one]
    prompts = [one for one in plan.commands if "stk_push" in one]

    def missing(commands):
        newest = ((one["id"], stack.topics.newest(one["id"])) for one in commands)
        return [ident for ident, record in newest if record is None or record.version < 1]

    def known_to_mpesa():
        known = {line.get("payment") for line in stack.ledger(kind="accepted")}
        return [ident for ident in missing(payouts) if ident.replace("-", "") in known]
    try:
        chaos.eventually("each prompt has a result", lambda: not missing(prompts), PROMPTS_S)
        chaos.eventually("each payout that M-PESA knows has a result", lambda: not known_to_mpesa(), KNOWN_S)
        if missing(payouts):
            stack.end_the_day()
        chaos.eventually("each payout has a result", lambda: not missing(payouts), PAYOUTS_S)
        chaos.eventually("no result is owed", lambda: stack.sql("select count(*) from owed") == [(0,)], OWED_S)
    finally:
        stack.touched = missing(plan.commands)[:6]


def judge(chaos, plan):
    """{rule: its faults}, and the books."""
    stack = chaos.stack
    # The phone as M-PESA writes it is the one that was commanded; all of them are in that form.
    commands = [{"id": one["id"], "amount_cents": one["amount_cents"], "phone": (one.get("stk_push") or one["b2c"])["phone"]}
                for one in plan.commands]
    results = [json_format.MessageToDict(record.result, preserving_proto_field_name=True)
               for records in list(stack.topics.results.values()) for record in list(records)]
    ledger = stack.ledger()
    faults, books = ledger_check.check(commands, ledger, results)
    journals = [stack.folder / "journal" / name for name in stack.services if kind_of(name) == "dispatcher"]
    sends = send_journal.sends_by_payment(journals)
    faults["sent without a journal entry"] = send_journal.unjournalled(ledger, ledger_check.PAYING, sends)
    # This M-PESA never contradicts itself: a CONFLICT would be ours.
    faults["conflicts"] = [one.ident for one in books.with_outcome("CONFLICT")]
    faults["crashed by itself"] = chaos.crashes()
    faults["unreadable on results.v1"] = [stack.topics.fault] if stack.topics.fault else []
    return faults, books


def table(title, rows):
    print("\n".join([f"\n{title}"] + [f"  {name:<44} {value:>8}" for name, value in rows]))


def tell(chaos, plan, faults, books):
    table("faults done", sorted(chaos.done.items()) + [("all", sum(chaos.done.values()))] + sorted(chaos.ended.items()))
    outcomes = collections.Counter(one.outcome or "no result" for one in books if one.command)
    table("payments by outcome", [*sorted(outcomes.items()), ("all", len(plan.commands)), ("commands sent", len(plan.sends))])
    table("violations", [(rule, len(found)) for rule, found in faults.items()])
    for rule, found in faults.items():
        for one in found[:10]:
            print(f"  {rule}: {one}")


def day(chaos, plan):
    """Load, calm, the books; whether all is well."""
    trouble = None
    try:
        run_load(chaos, plan)
        chaos.calm()
        chaos.stack.topics.flush()
        chaos.stack.connect()
        settle(chaos, plan)
    except Exception as fault:  # the books are looked at all the same
        trouble = f"{type(fault).__name__}: {fault}"
    faults, books = judge(chaos, plan)
    tell(chaos, plan, faults, books)
    if trouble or any(faults.values()):
        hurt = [fault.split(":")[0] for found in faults.values() for fault in found]
        chaos.stack.touched = [one["id"] for one in plan.commands if one["id"].replace("-", "") in hurt][:6] or chaos.stack.touched
        (chaos.cluster.folder / "report.txt").write_text(f"{trouble}\n{chaos.stack.report()}\n")
        print(f"\nFAILED {trouble or ''}")
        return False
    print("\nok: nothing lost, nothing paid twice")
    return True


def options():
    parser = argparse.ArgumentParser(prog="./run chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, required=True, help="how long the load and the faults last")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--payments", type=int, help=f"how many; {PAYMENTS_A_MINUTE} a minute when left out")
    given = parser.parse_args()
    if not 0.2 <= given.minutes <= 600 or (given.payments or 1) < 1:
        parser.error("from 0.2 to 600 minutes, and at least one payment")
    return given


def main():
    given = options()
    seconds = given.minutes * 60
    payments = given.payments or round(given.minutes * PAYMENTS_A_MINUTE)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    cluster, good = Cluster(), False
    try:
        print(f"chaos: {payments} payments in {seconds:g} s, seed {given.seed}, {REPLICAS} replicas of each service")
        cluster.start()
        stack = Stack(cluster, "chaos", SCENARIO, ("--seed", str(given.seed)), replicas=REPLICAS)
        try:
            stack.start()
            good = day(Chaos(cluster, stack), Plan(given.seed, seconds, payments, stack.services))
        finally:
            stack.stop()
    finally:
        cluster.keep |= not good
        cluster.stop()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
