"""Payments at an even rate for as long as something happens to mkondo, and what became of them all."""

import collections
import itertools
import threading
import time

from contract import b2c, encode, in_ms, stk
from mkondo_stack import eventually

_numbers = itertools.count(1)
PAYING = ("stk_push", "b2c")


def new_phone():
    """Nobody else's: the guard against two prompts on one phone has nothing to do."""
    return f"25475{next(_numbers):07d}"


def prompt(**fields):
    return stk(new_phone(), 50, valid_until_ms=in_ms(600), **fields)


def payout(**fields):
    return b2c(new_phone(), 60, valid_until_ms=in_ms(600), **fields)


def prompts_and_payouts():
    return prompt() if next(_numbers) % 4 else payout()


class Load:
    """`with Load(stack, 30) as load:` sends 30 a second in the background until the block ends."""

    def __init__(self, stack, per_second, make=prompts_and_payouts, most=3000):
        self.stack, self.gap, self.make, self.most = stack, 1 / per_second, make, most
        self.sent, self.over, self.fault = [], threading.Event(), None
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *why):
        self.over.set()
        self.thread.join(30)
        assert self.fault is None, self.fault

    def _run(self):
        next_at = time.monotonic()
        try:
            while not self.over.is_set() and len(self.sent) < self.most:
                command = self.make()
                self.stack.topics.send(command["id"], encode(command))
                self.sent.append(command["id"])
                next_at += self.gap
                self.over.wait(max(0.0, next_at - time.monotonic()))
            self.stack.topics.flush()
        except Exception as fault:  # shown by the test, not by a thread
            self.fault = repr(fault)


class Books:
    """The simulator's ledger, read once."""

    def __init__(self, stack):
        self.lines = collections.defaultdict(list)
        self.refused = set()
        for line in stack.ledger():
            self.lines[line.get("payment", ""), line["kind"]].append(line)
            if line["kind"] == "answer" and line.get("code") == "invalid_token":
                self.refused.add(line["request"])

    def of(self, payment, kind):
        return self.lines[payment.replace("-", ""), kind]

    def requests(self, payment):
        """Those that the gateway let in: a token that it refuses is no request to M-PESA."""
        return len([line for line in self.of(payment, "request") if line["api"] in PAYING and line["request"] not in self.refused])

    def executions(self, payment):
        return len(self.of(payment, "executed"))


def newest_outcome(stack, payment):
    record = stack.topics.newest(payment)
    return record.outcome if record else "nothing"


def await_all(stack, payments, outcome="SUCCEEDED", seconds=30.0):
    def others():
        return [ident for ident in payments if newest_outcome(stack, ident) != outcome]
    try:
        eventually(f"{len(payments)} payments are {outcome}", lambda: not others(), seconds, pause=0.1)
    except AssertionError as fault:
        stack.touched = others()[:6]
        outcomes = collections.Counter(newest_outcome(stack, ident) for ident in others())
        raise AssertionError(f"{fault}; of the others {dict(outcomes)}") from None


def assert_each_paid_once(stack, payments, by_one_request=True):
    """What M-PESA says of these."""
    books = Books(stack)
    wrong = {ident: (books.requests(ident), books.executions(ident)) for ident in payments
             if books.executions(ident) != 1 or (by_one_request and books.requests(ident) != 1)}
    stack.touched = list(wrong)[:6]
    assert not wrong, f"requests and executions that are not one: {wrong}"
    assert not stack.sql("select 1 from owed") or eventually("nothing is owed", lambda: not stack.sql("select 1 from owed"))


def events(stack, payments):
    """How often each event stands in the journals of these."""
    return dict(stack.sql("select event, count(*) from journal where payment_id = any(%s::uuid[]) group by event", payments))
