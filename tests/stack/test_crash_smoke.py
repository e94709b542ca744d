"""300 payments while each service is killed with kill -9 twice, and answers and callbacks are lost and doubled: nothing lost,
nothing paid twice. The judge is tests/chaos/ledger_check.py, which knows the simulator's ledger, the results topic and
what was sent."""

import json
import random
import subprocess
import sys
import time

import pytest
from google.protobuf import json_format

from contract import b2c, encode, in_ms, stk
from mkondo_stack import ROOT, SERVICES, Stack, eventually

SEED = 20261124
PAYMENTS, STK_PERCENT, REPEATED_PERCENT, OTHER_CONTENT = 300, 70, 5, 3
LOAD_S, KILLS_EACH = 36.0, 2
SETTLED_S = 90.0


def now_and_then(percent, **rule):
    return {"percent": percent, **rule}


# Rules are tried in order, each with its own chance: about 3 % of the answers and 3 % of the callbacks go astray. A payment is on
# its way long enough for a kill to meet it there.
SCENARIO = {
    "defaults": {"result": "paid", "shape": "any", "answer_after_ms": 5000, "outcome_after_ms": 7000, "callback_after_ms": 1000},
    "rules": [
        # The callback comes late: whoever takes silence for a no has time to ask the customer once more.
        now_and_then(2, api="stk_push", do={"answer": "lost_after", "callback_after_ms": 200000}),
        now_and_then(1, api="stk_push", do={"answer": "lost_before"}),
        now_and_then(2, api="b2c", do={"answer": "lost_after"}),
        now_and_then(1, api="b2c", do={"answer": "truncated", "callback": "lost"}),
        now_and_then(3, api="*", do={"callback": "lost"}),
        now_and_then(3, api="*", do={"callback": "doubled"}),
        now_and_then(1, api="*", do={"answer": "spike_arrest"}),
        now_and_then(5, api="stk_push", do={"result": 1032}),
        now_and_then(3, api="stk_push", do={"callback": "before_answer"}),
        now_and_then(3, api="b2c", do={"result": 1}),
    ],
}


@pytest.fixture(scope="module")
def crash_stack(cluster):
    stack = Stack(cluster, "crash", SCENARIO, sim_options=("--seed", str(SEED)))
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def stack(crash_stack):
    crash_stack.touched = []
    return crash_stack


class Load:
    """What happens when, decided beforehand by the seed."""

    def __init__(self, luck):
        self.commands = [self._command(luck, number) for number in range(PAYMENTS)]
        kills = self._kills(luck)
        events = kills + [(self._when(luck, kills), "send", command) for command in self.commands]
        for command in luck.sample(self.commands, PAYMENTS * REPEATED_PERCENT // 100):
            events.append((luck.uniform(0, LOAD_S), "send", command))
        for command in luck.sample(self.commands, OTHER_CONTENT):
            # Behind its first sending: which of the two is the payment must be known.
            events.append((LOAD_S + 1, "send", {**command, "amount_cents": command["amount_cents"] + 100}))
        self.events = sorted(events, key=lambda event: event[0])

    @staticmethod
    def _kills(luck):
        services = [service for service in SERVICES for _ in range(KILLS_EACH)]
        luck.shuffle(services)
        gap = LOAD_S / len(services)
        return [(gap * (i + luck.uniform(0.2, 0.8)), "kill", service) for i, service in enumerate(services)]

    @staticmethod
    def _when(luck, kills):
        """Half of them at any time, half of them shortly before a kill."""
        return luck.uniform(0, LOAD_S) if luck.random() < 0.5 else max(0.0, luck.choice(kills)[0] - luck.uniform(0, 0.15))

    @staticmethod
    def _command(luck, number):
        make = stk if luck.random() * 100 < STK_PERCENT else b2c
        return make(f"2541{number:08d}", luck.randrange(10, 2000), valid_until_ms=in_ms(600))


def run_load(stack, load):
    start = time.monotonic()
    for at, what, whom in load.events:
        time.sleep(max(0.0, start + at - time.monotonic()))
        if what == "send":
            stack.topics.send(whom["id"], encode(whom))
        else:
            stack.kill(whom)
            stack.start_service(whom)
    stack.topics.flush()


def has_result(stack, command):
    newest = stack.topics.newest(command["id"])
    return newest is not None and newest.version > 0


def write_lines(path, lines):
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return str(path)


def test_nothing_is_lost_or_paid_twice_while_everything_is_killed(stack):
    load = Load(random.Random(SEED))
    run_load(stack, load)
    for service in SERVICES:
        stack.await_ready(service)

    def missing(commands=load.commands):
        return [one["id"] for one in commands if not has_result(stack, one)]

    def known_to_mpesa():
        known = {line.get("payment") for line in stack.ledger(kind="accepted")}
        return [ident for ident in missing(payouts) if ident.replace("-", "") in known]
    payouts = [one for one in load.commands if "b2c" in one]
    prompts = [one for one in load.commands if "stk_push" in one]
    stack.touched = []
    try:
        eventually("each prompt has a result", lambda: not missing(prompts), SETTLED_S, pause=0.2)
        eventually("each payout that M-PESA knows has a result", lambda: not known_to_mpesa(), 30, pause=0.2)
        if missing(payouts):
            stack.end_the_day()
        eventually("each payout has a result", lambda: not missing(payouts), 40, pause=0.2)
        eventually("no result is owed", lambda: stack.sql("select count(*) from owed") == [(0,)], 20)
    finally:
        stack.touched = missing()[:6]

    done = check(stack, load)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    conflicts = [one["id"] for one in load.commands if stack.topics.newest(one["id"]).outcome == "CONFLICT"]
    assert conflicts == [], "this M-PESA never contradicts itself: we did"


def check(stack, load):
    # The phone as M-PESA writes it is the one that was commanded; all of them are in that form.
    commands = [{"id": one["id"], "amount_cents": one["amount_cents"],
                 "phone": (one.get("stk_push") or one.get("b2c"))["phone"]} for one in load.commands]
    results = [json_format.MessageToDict(record.result, preserving_proto_field_name=True)
               for records in stack.topics.results.values() for record in records]
    return subprocess.run(
        [sys.executable, str(ROOT / "tests/chaos/ledger_check.py"),
         "--commands", write_lines(stack.folder / "commands.jsonl", commands),
         "--results", write_lines(stack.folder / "results.jsonl", results), "--ledger", str(stack.ledger_file)],
        capture_output=True, text=True, check=False)
