#!/usr/bin/python3
"""Nothing lost, nothing paid twice: compares what the simulated M-PESA did with what was asked for and what was told.

    ledger_check.py --commands FILE --ledger FILE --results FILE

commands: JSON lines, one for each id that was published: id, amount_cents, and phone as M-PESA writes it. ledger: darajasim's.
results: JSON lines, the results topic from its start, each in the contract's JSON form. It knows these three and nothing
else: no database, and no line of the services. A line for each rule, with its faults; exit 1 if there is any."""

import argparse
import collections
import json
import sys

UNDECIDED = ("UNRESOLVED", "CONFLICT")
PAYING = ("stk_push", "b2c", "b2pochi", "b2b", "tax_remittance", "reversal")


def hex_id(ident):
    return ident.replace("-", "")


def number(result, name):
    return int(result.get(name, 0) or 0)


class Account:
    """All that is known about one payment."""

    def __init__(self, ident):
        self.ident, self.command, self.results = ident, None, []
        self.executions, self.requests = [], 0

    @property
    def newest(self):
        return max(self.results, key=lambda result: number(result, "version"), default=None)

    @property
    def outcome(self):
        return self.newest["outcome"] if self.newest else None

    def ever(self, outcome):
        return any(result["outcome"] == outcome for result in self.results)

    @property
    def executed_cents(self):
        return sum(line["shillings"] * 100 for line in self.executions)


class Books:
    def __init__(self, commands, ledger, results):
        self.accounts = {}
        for command in commands:
            self._of(command["id"]).command = command
        for result in results:
            self._of(result["id"]).results.append(result)
        for line in ledger:
            if line["kind"] == "executed":
                self._of(line.get("payment", "(no payment)")).executions.append(line)
            elif line["kind"] == "request" and line["api"] in PAYING:
                self._of(line.get("payment", "(no payment)")).requests += 1

    def _of(self, ident):
        key = hex_id(ident)
        if key not in self.accounts:
            self.accounts[key] = Account(key)
        return self.accounts[key]

    def __iter__(self):
        return iter(self.accounts.values())

    def with_outcome(self, *outcomes):
        return [one for one in self if one.outcome in outcomes]


def executed_twice(books):
    return [f"{one.ident}: {len(one.executions)} executions, receipts {', '.join(x['receipt'] for x in one.executions)}"
            for one in books if len(one.executions) > 1]


def failed_and_executed(books):
    return [f"{one.ident}: told as {told}, executed as {one.executions[0]['receipt']}" for one in books if one.executions
            for told in ("FAILED", "REJECTED") if one.ever(told)]


def succeeded_and_not_executed(books):
    return [f"{one.ident}: no execution" for one in books if one.ever("SUCCEEDED") and not one.executions]


def without_a_result(books):
    return [f"{one.ident}: {'ACCEPTED and no more' if one.results else 'nothing was ever told'}" for one in books
            if one.command and (one.newest is None or number(one.newest, "version") < 1)]


def never_commanded(books):
    return [f"{one.ident}: {len(one.results)} results, {len(one.executions)} executions, {one.requests} requests"
            for one in books if one.command is None]


def other_money_than_commanded(books):
    faults = []
    for one in books:
        for line in one.executions if one.command else []:
            if line["shillings"] * 100 != one.command["amount_cents"] or line["phone"] != one.command["phone"]:
                faults.append(f"{one.ident}: KES {line['shillings']} with {line['phone']} instead of "
                              f"{one.command['amount_cents'] / 100:.0f} with {one.command['phone']}")
    return faults


def receipt_or_amount_told_wrongly(books):
    faults = []
    for one in books:
        for result in one.results if one.executions else []:
            receipt, moved = result.get("receipt", ""), number(result, "amount_moved_cents")
            if result["outcome"] != "SUCCEEDED":
                continue
            if receipt not in ("", one.executions[0]["receipt"]) or moved not in (0, one.executed_cents):
                faults.append(f"{one.ident}: told {receipt} and {moved} cents, executed as {one.executions[0]['receipt']} "
                              f"with {one.executed_cents}")
    return faults


def one_receipt_for_two(books):
    told = collections.defaultdict(set)
    for one in books:
        for result in one.results:
            if result.get("receipt"):
                told[result["receipt"]].add(one.ident)
    return [f"{receipt}: {', '.join(sorted(whose))}" for receipt, whose in told.items() if len(whose) > 1]


def one_version_said_two_things(books):
    faults = []
    for one in books:
        said = collections.defaultdict(set)
        for result in one.results:
            said[number(result, "version")].add(json.dumps(result, sort_keys=True))
        faults += [f"{one.ident}: version {version} has {len(texts)} contents" for version, texts in said.items() if len(texts) > 1]
    return faults


def more_requests_than_attempts(books):
    """An attempt that the newest result does not count may be later than it only where nothing is decided."""
    return [f"{one.ident}: {one.requests} requests, {number(one.newest, 'attempts')} attempts" for one in books
            if one.newest and number(one.newest, "version") > 0 and one.requests > number(one.newest, "attempts")]


def money_sums_differ(books):
    """What M-PESA moved is what was told as moved and what a person has on the list, outcome by outcome."""
    told = sum(one.command["amount_cents"] for one in books.with_outcome("SUCCEEDED") if one.command)
    moved = sum(one.executed_cents for one in books.with_outcome("SUCCEEDED"))
    listed = sum(one.executed_cents for one in books.with_outcome(*UNDECIDED))
    everything = sum(one.executed_cents for one in books)
    faults = []
    if told != moved:
        faults.append(f"SUCCEEDED: {told} cents were told, {moved} moved")
    if everything != moved + listed:
        faults.append(f"{everything} cents moved; SUCCEEDED accounts for {moved}, the list for {listed}")
    return faults


RULES = (executed_twice, failed_and_executed, succeeded_and_not_executed, without_a_result, never_commanded,
         other_money_than_commanded, receipt_or_amount_told_wrongly, one_receipt_for_two, one_version_said_two_things,
         more_requests_than_attempts, money_sums_differ)


def name_of(rule):
    return rule.__name__.replace("_", " ")


def check(commands, ledger, results):
    """{rule: its faults}, and the books for a summary."""
    books = Books(commands, ledger, results)
    return {name_of(rule): rule(books) for rule in RULES}, books


def summary(books):
    lines = []
    for outcome in ("SUCCEEDED", "FAILED", "REJECTED", *UNDECIDED):
        those = books.with_outcome(outcome)
        cents = sum(one.command["amount_cents"] for one in those if one.command)
        moved = sum(one.executed_cents for one in those)
        lines.append(f"{outcome:<11} {len(those):>6} payments, {cents / 100:>14,.2f} KES commanded, {moved / 100:>14,.2f} KES moved")
    for one in books.with_outcome(*UNDECIDED):
        cause = one.newest.get("cause", {})
        lines.append(f"  for a person: {one.ident} {one.outcome} ({cause.get('code', '')}), "
                     f"{'moved ' + one.executions[0]['receipt'] if one.executions else 'not moved'}")
    return lines


def lines_of(path):
    """JSON lines; a last one that was cut off by a crash is no line."""
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.endswith("}\n")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("commands", "ledger", "results"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    faults, books = check(lines_of(options.commands), lines_of(options.ledger), lines_of(options.results))
    for rule, found in faults.items():
        print(f"{rule:<32} {len(found)}")
        for fault in found:
            print(f"  {fault}")
    print("\n".join(summary(books)))
    return 1 if any(faults.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
