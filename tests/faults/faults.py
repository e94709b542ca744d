#!/usr/bin/python3
"""Each call that can fail is made to fail, the n-th time, in each of its ways, while payments go every way there is.

    ./run faults [--only NAME] [--seed S] [--quick]

The hooks are those of common/base/fault.h, and the programs tell which they have. The five services work through theirs side
by side, in laps; when a lap is over, every payment must have its result and the books must agree: nothing paid twice, nothing
called failed that was paid, nothing lost (tests/chaos/ledger_check.py and the send journals). What ends by itself is started again;
an end by a signal or with a sanitizer's report is a violation. --only: hooks whose name begins so. --quick: the
first hit of each, in one way. Exit 1 if anything is violated."""

import argparse
import collections
import os
import pathlib
import random
import re
import signal
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "stack"), str(HERE.parent / "chaos")]
sys.dont_write_bytecode = True

from armed import IN_HAND, Service, Task  # noqa: E402
from books import Books  # noqa: E402
from mkondo_stack import Cluster  # noqa: E402
from report import tell  # noqa: E402
from workload import SCENARIO, FaultStack, Workload  # noqa: E402

# A start takes seconds, and its later hits are the same calls for another handle or file: the first is played.
NTH, QUICK_NTH = (1, 2, 7), (1,)
PAYMENTS_A_SECOND, WARM_UP_S, LAP_S = 14, 6, 40
HIT_WITHIN_S, AFTER_HIT_S, START_WITHIN_S = 6.0, 0.12, 25.0
ENDS_BY_DESIGN = (1, 75, 78)
REPORT = re.compile(r"AddressSanitizer|LeakSanitizer|runtime error:|must_failed|impossible")
# What is broken for good after this: a person looks, and starts the service again.
NEEDS_A_PERSON = ("journal.",)


class Walk(Books):
    def __init__(self, cluster, given):
        self.cluster, self.given, self.luck = cluster, given, random.Random(given.seed)
        self.stack = FaultStack(cluster, "faults", SCENARIO, ("--seed", str(given.seed)))
        self.load = None
        self.services, self.violations, self.done = {}, [], []
        self.lap_done, self.judged = [], set()

    # ---- the plan

    def warm_up(self):
        """What is hit at start, and what the payments reach."""
        for service in self.services.values():
            for name, (hits, _) in (service.look() or {}).items():
                if name in service.points:
                    service.points[name].at_start = hits
        self.feed_for(WARM_UP_S)
        for service in self.services.values():
            for name, (hits, _) in (service.look() or {}).items():
                if name in service.points:
                    service.points[name].hits = hits
            self.plan(service, list(service.points.values()))

    def plan(self, service, points):
        nths = QUICK_NTH if self.given.quick else NTH
        tasks, starts = [], []
        for point in points:
            classes = [self.luck.choice(point.classes)] if self.given.quick else point.classes
            running = point.hits > point.at_start
            point.planned = point.hits > 0
            for cls in classes:
                tasks += [Task(point, cls, nth, False, False) for nth in nths if running]
                starts += [Task(point, cls, 1, True, True)] if point.at_start and not running else []
        self.luck.shuffle(tasks)
        self.luck.shuffle(starts)
        service.tasks.extend(tasks + starts)

    # ---- doing it

    def feed(self):
        now = time.monotonic()
        while self.next_send <= now:
            self.load.send_one()
            self.next_send += 1 / PAYMENTS_A_SECOND

    def feed_for(self, seconds):
        until = time.monotonic() + seconds
        self.next_send = time.monotonic()
        while time.monotonic() < until:
            self.feed()
            self.look_after()
            time.sleep(0.02)

    def ended(self, service):
        """It ended by itself. Whose doing it was is the task in hand; where there are several, each is done again alone."""
        code, what = service.program.process.returncode, list(service.hand)
        service.person = False
        if len(what) == 1:
            what[0].point.ends[code] += 1
            self.finish(service, what[0], True)
        service.tasks.extendleft(task._replace(alone=True) for task in service.hand)
        service.hand = {}
        report = self.report_of(service.name)
        if code not in ENDS_BY_DESIGN or report:
            self.violate(f"{service.name} ended with {code} after {', '.join(self.told(service.name, one) for one in what)}: {report}")
        service.start_at = time.monotonic() + 0.1

    def report_of(self, name):
        path = self.stack.folder / f"log/{name}.log"
        text = path.read_text(errors="replace")
        at = self.reported.get(name, 0)
        self.reported[name] = len(text)
        found = REPORT.search(text[at:])
        if not found:
            return ""
        (self.cluster.folder / f"sanitizer.{name}.{len(self.violations)}.txt").write_text(text[at:])
        return text[at + found.start():][:400]

    def look_after(self):
        for service in self.services.values():
            if service.program.runs():
                service.start_at = None
            elif service.start_at is None:
                self.ended(service)
            elif service.start_at <= time.monotonic():
                service.start_at = None
                self.stack.start_service(service.name)

    @staticmethod
    def told(name, task):
        return f"{name} {task.point.name} {task.cls} {task.nth}"

    def violate(self, what):
        self.violations.append(what)
        print(f"  VIOLATION {what}", flush=True)

    def finish(self, service, task, hit):
        del service.hand[task]
        service.starting = False
        task.point.runs += 1
        task.point.played += hit
        if not hit:
            task.point.missed.append(f"{task.cls} {task.nth}")
        self.lap_done.append(self.told(service.name, task) + ("" if hit else " (not hit)"))
        service.free_at = time.monotonic() + AFTER_HIT_S
        service.person |= hit and task.point.name.startswith(NEEDS_A_PERSON)

    def stop_in_order(self, name):
        code = self.stack.programs[name].stop()
        report = self.report_of(name)
        if code != 0 or report:
            self.violate(f"{name} stopped with {code}, asked to in order: {report}")

    def begin_start(self, service, task):
        self.stop_in_order(service.name)
        self.stack.start_service(service.name, ["--fault", f"{task.point.name} {task.cls} {task.nth} 1"])
        service.starting = True
        service.hand[task] = time.monotonic()

    def begin(self, service):
        """Takes up what goes together with what is in hand."""
        while service.tasks and len(service.hand) < IN_HAND and not any(task.alone for task in service.hand):
            task, busy = service.tasks[0], {one.point for one in service.hand}
            if task.alone and busy or task.point in busy:
                return
            if task.starting:
                if self.stack.is_ready(service.name):
                    self.begin_start(service, service.tasks.popleft())
                return
            if not service.arm(task):
                return
            service.hand[service.tasks.popleft()] = time.monotonic()

    def step(self, service):
        """A little further with this service's tasks."""
        now = time.monotonic()
        if not service.program.runs() or now < service.free_at:
            return
        seen = service.look()
        if seen is None:  # it is not up yet, or its admin port has a fault
            return
        if service.person and not service.hand:  # it is not ready any more, and says so
            service.person = False
            self.stop_in_order(service.name)
            self.stack.start_service(service.name)
            return
        if service.starting:
            self.started(service, seen)
            return
        self.take_rare(service, seen)
        for task, since in list(service.hand.items()):
            if seen.get(task.point.name, (0, 0))[1] > 0:
                self.finish(service, task, True)
            elif now > since + HIT_WITHIN_S:
                service.arm(task, 0)
                self.not_hit(service, task)
        if self.arming and not service.person:
            self.begin(service)

    def not_hit(self, service, task):
        """Other faults may have kept the payments from going there: once more, later."""
        if (task.cls, task.nth) in task.point.tried:
            self.finish(service, task, False)
            return
        del service.hand[task]
        task.point.tried.add((task.cls, task.nth))
        service.tasks.append(task)

    def started(self, service, seen):
        task, since = next(iter(service.hand.items()))
        played = seen.get(task.point.name, (0, 0))[1] > 0
        if self.stack.is_ready(service.name):
            self.finish(service, task, played)
        elif time.monotonic() > since + START_WITHIN_S:
            self.violate(f"not ready again: {self.told(service.name, task)}")
            self.finish(service, task, played)
            self.stack.kill(service.name)
            self.stack.start_service(service.name)

    def take_rare(self, service, seen):
        def classes_of(point):
            return [self.luck.choice(point.classes)] if self.given.quick else point.classes
        for name, cls in service.watch_rare(seen, classes_of):
            point = service.points[name]
            point.runs += 1
            point.played += 1
            self.lap_done.append(f"{service.name} {name} {cls} (rare)")

    def turn(self):
        self.feed()
        self.look_after()
        for service in self.services.values():
            self.step(service)
        time.sleep(0.02)

    def lap(self):
        """Faults for a while, then until none is armed but the rare ones; whether there are more to come."""
        begun = self.next_send = time.monotonic()
        self.arming = True
        while any(one.tasks or one.hand for one in self.services.values()) and time.monotonic() < begun + LAP_S:
            self.turn()
        self.arming = False
        while any(one.hand or one.person for one in self.services.values()):
            self.turn()
        return any(one.tasks for one in self.services.values())

    # ---- laps

    def close_lap(self, number, begun):
        before = len(self.violations)
        try:
            self.settle()
        except AssertionError as fault:
            self.violate(str(fault))
        self.judge()
        if len(self.violations) > before:
            print("  in this lap: " + "; ".join(self.lap_done), flush=True)
            (self.cluster.folder / f"report.{number}.txt").write_text(self.stack.report())
        left = ", ".join(f"{service.name} {len(service.tasks)}" for service in self.services.values() if service.tasks) or "none"
        print(f"lap {number}: {len(self.lap_done)} faults, {len(self.load.sent)} payments so far, to come: {left}, "
              f"{time.monotonic() - begun:.0f} s", flush=True)
        self.done += self.lap_done
        self.lap_done = []

    def go(self):
        begun = time.monotonic()
        self.told_before, self.outcomes, self.reported, self.arming = set(), {}, {}, False
        self.stack.start()
        self.load = Workload(self.stack, self.given.seed)
        self.services = {name: Service(self.stack, name, self.given.only) for name in self.stack.services}
        self.warm_up()
        self.close_lap(0, begun)
        number, busy = 1, True
        while busy:
            busy = self.lap()
            self.close_lap(number, begun)
            number += 1
        for name in self.stack.services:
            self.stop_in_order(name)


def options():
    parser = argparse.ArgumentParser(prog="./run faults", description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="hooks whose name begins like this")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="the first hit of each hook, in one way")
    return parser.parse_args()


def main():
    given = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.environ["ASAN_OPTIONS"] = "detect_leaks=1:abort_on_error=1"
    os.environ["UBSAN_OPTIONS"] = "print_stacktrace=1:halt_on_error=1"
    cluster, walk = Cluster(), None
    try:
        cluster.start()
        walk = Walk(cluster, given)
        try:
            walk.go()
        finally:
            walk.stack.stop()
            if walk.services:
                tell(walk)
    finally:
        cluster.keep |= walk is None or bool(walk.violations) or not walk.done
        cluster.stop()
    return 1 if walk.violations else 0


if __name__ == "__main__":
    sys.exit(main())
