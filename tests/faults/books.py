"""Whether each payment has its result, and the books agree."""

import collections
import time

import ledger_check
import send_journal
from google.protobuf import json_format
from mkondo_stack import eventually

READY_WITHIN_S, SETTLED_WITHIN_S, PATIENCE_S = 25.0, 75.0, 3.0

class Books:
    """The part of a walk that settles and judges; the walk itself looks after the services meanwhile."""

    def await_ready(self):
        def ready():
            self.look_after()
            return all(self.stack.programs[name].runs() and self.stack.is_ready(name) for name in self.stack.services)
        try:
            eventually("all are ready", ready, READY_WITHIN_S)
        except AssertionError:
            raise AssertionError(f"not ready: {[one for one in self.stack.services if not self.stack.is_ready(one)]}") from None

    def missing(self):
        newest = ((ident, self.stack.topics.newest(ident)) for ident in self.load.sent if ident not in self.judged)
        return [ident for ident, record in newest if (record is None or record.version < 1) and ident not in self.parked()]

    def parked(self):
        """What the database refuses is a dead letter, and has no other result unless it is sent once more."""
        return {letter.key for letter in self.stack.topics.dead_letters if letter.header("mkondo_reason") == "unstorable"}

    def settle(self):
        self.stack.topics.flush()
        self.await_ready()
        until, patience = time.monotonic() + SETTLED_WITHIN_S, time.monotonic() + PATIENCE_S
        while (left := self.missing()) or self.stack.sql("select count(*) from owed") != [(0,)]:
            if time.monotonic() > until:
                self.stack.touched = left[:6]
                break
            if left and time.monotonic() > patience:
                self.end_the_day(left)
                patience = time.monotonic() + PATIENCE_S
            self.look_after()
            time.sleep(0.05)

    def end_the_day(self, left):
        """What was claimed and may not have been sent is in doubt until its horizon, a prompt for two hours, a payout for a day: for
        prompts, of which nothing may be known to ask by, and for payouts that M-PESA does not know, it is over now."""
        known = {line.get("payment") for line in self.stack.ledger(kind="accepted")}
        prompts = [row[0] for row in self.stack.sql("select id::text from payment where id = any(%s::uuid[]) and api = 1", left)]
        lost = [ident for ident in left if ident in prompts or ident.replace("-", "") not in known]
        self.stack.sql("update payment_state set horizon_at = now(), due_at = now() where id = any(%s::uuid[]) and state in"
                       " (select no from state_name where name in ('PENDING', 'UNKNOWN'))", lost)
        self.stack.sql("update timer set due_at = now() where ids && %s::uuid[]", lost)

    def judge(self):
        """The books from the start, and only what is new in them is told."""
        results = [json_format.MessageToDict(record.result, preserving_proto_field_name=True)
                   for records in list(self.stack.topics.results.values()) for record in list(records)]
        ledger = self.stack.ledger()
        parked = {ident for ident in self.parked() if not self.stack.topics.results[ident]}
        commands = [one for ident, one in self.load.sent.items() if ident not in parked]
        faults, books = ledger_check.check(commands, ledger, results)
        sends = send_journal.sends_by_payment([self.stack.folder / "journal/dispatcher"])
        faults["sent without a journal entry"] = send_journal.unjournalled(ledger, ledger_check.PAYING, sends)
        faults["conflicts"] = [one.ident for one in books.with_outcome("CONFLICT")]
        faults["unreadable on results.v1"] = [self.stack.topics.fault] if self.stack.topics.fault else []
        owed = self.stack.sql("select count(*) from owed")[0][0]
        faults["owed for ever"] = [f"{owed} results"] if owed else []
        for rule, found in faults.items():
            new = [one for one in found if (rule, one) not in self.told_before]
            self.told_before.update((rule, one) for one in new)
            if new:
                self.violate(f"{rule}: {'; '.join(new[:4])}" + (f" and {len(new) - 4} more" if len(new) > 4 else ""))
        self.judged = set(self.load.sent)
        self.outcomes = collections.Counter(one.outcome or "no result" for one in books if one.command)
        return faults
