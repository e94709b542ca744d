"""Accounts come, go and change their secrets while payments run, and no service is started again. Two of each service: each finds
out by itself."""

import collections
import contextlib
import json
import os
import time

import pytest

from contract import in_ms
from load import Load, assert_each_paid_once, await_all, events, new_phone, newest_outcome, payout, prompt, prompts_and_payouts
from contract import stk
from mkondo_stack import PASSKEY, SHORTCODE, eventually, kind_of

READERS = ("ingest", "dispatcher", "webhook")  # of the accounts' files
TAKEN, REFUSED = 'mkondo_accounts_reload_total{outcome="taken"}', 'mkondo_accounts_reload_total{outcome="refused"}'


@pytest.fixture(name="stack")
def _stack(pair_stack):
    """With its files as they were, afterwards; and nothing that a test does here makes a service start again."""
    pair_stack.touched = []
    before, pids = (pair_stack.folder / "keys/accounts.yaml").read_text(), pids_of(pair_stack)
    yield pair_stack
    with contextlib.suppress(AssertionError):
        change(pair_stack, before)
    assert pids_of(pair_stack) == pids


def pids_of(stack):
    return {name: program.process.pid for name, program in stack.programs.items()}


def readers(stack):
    return [name for name in stack.services if kind_of(name) in READERS]


def write(stack, text, name="accounts.yaml"):
    """As docs/operations.md wants it: beside, and renamed."""
    path = stack.folder / "keys" / name
    beside = path.with_suffix(".new")
    beside.write_text(text)
    os.rename(beside, path)


def change(stack, text, counter=TAKEN, name="accounts.yaml", who=None):
    """The file is written, and all who read it have found out."""
    who = who or readers(stack)
    before = {name: stack.metric(name, counter) for name in who}
    write(stack, text, name)
    for service in who:
        eventually(f"{service} has seen the accounts change", lambda: stack.metric(service, counter) > before[service], 15)


def accounts_with(stack, *more):
    return (stack.folder / "keys/accounts.yaml").read_text() + "".join(more)


def market(stack, secret="market-secret", key="market-key"):
    """An account with an app of its own; its secret stands in a file of its own."""
    write(stack, f"{secret}\n", "market-secret")
    return (f"  - name: market\n    shortcode: \"{SHORTCODE}\"\n    consumer_key: {key}\n    consumer_secret_file: market-secret\n"
            f"    passkey: {PASSKEY}\n    api_base: http://127.0.0.1:{stack.sim_port}\n")


def market_prompt():
    return prompt(account="market")


def said_so_far(stack, event):
    """How often each of the processes has said it."""
    return {name: stack.log(name).count(f'"event":"{event}"') for name in readers(stack)}


def assert_none_failed(stack, payments):
    outcomes = collections.Counter(newest_outcome(stack, payment) for payment in payments)
    assert not set(outcomes) & {"FAILED", "REJECTED", "UNRESOLVED", "CONFLICT"}, outcomes


def test_an_account_is_there_without_a_restart(stack):
    """Fails when ingest or a dispatcher needs a restart to know an account, or when payments of others notice."""
    unknown = stack.send(market_prompt())
    stack.await_outcome(unknown, "REJECTED")
    with Load(stack, 20) as load:
        change(stack, accounts_with(stack, market(stack)))
        payments = [stack.send(market_prompt()) for _ in range(5)]
        await_all(stack, payments, seconds=40)
        assert newest_outcome(stack, unknown) == "REJECTED", "a later, kinder configuration changes no answer"
    await_all(stack, load.sent, seconds=40)
    assert_each_paid_once(stack, [*payments, *load.sent])
    assert not set(events(stack, load.sent)) & {"NO_WORD", "PUT_OFF", "LEASE_OUT"}, "others did not notice"


def test_a_secret_that_the_portal_changed_first(stack):
    """The old secret and its token are refused at once; payments wait until the new one is in the file. Fails when one of them is
    sent twice or fails meanwhile, or when a process goes on with the old secret."""
    change(stack, accounts_with(stack, market(stack)))
    with Load(stack, 20, make=lambda: market_prompt() if time.monotonic_ns() % 2 else prompts_and_payouts()) as load:
        time.sleep(1)
        stack.sim("/sim/secrets", key="market-key", secret="market-secret-2")
        stack.sim("/sim/tokens/kill")
        time.sleep(2)
        change(stack, "market-secret-2\n", name="market-secret", who=[name for name in stack.services if kind_of(name) in ("ingest", "dispatcher")])
        time.sleep(2)
    await_all(stack, load.sent, seconds=90)
    assert_none_failed(stack, load.sent)
    assert_each_paid_once(stack, load.sent)


def test_a_secret_that_the_file_has_first(stack):
    """The token that is there serves until the new secret gets one. Fails when a wrong secret stops payments whose token is good, or
    when it is tried without an alarm."""
    change(stack, accounts_with(stack, market(stack, key="market-3-key").replace("name: market", "name: market\n    app: market-3")))
    stack.sim("/sim/secrets", key="market-3-key", secret="market-secret")
    payments = [stack.send(market_prompt())]
    await_all(stack, payments, seconds=40)
    refused = said_so_far(stack, "token.refused")
    both = [name for name in stack.services if kind_of(name) in ("ingest", "dispatcher")]
    with Load(stack, 20, make=market_prompt) as load:
        change(stack, "market-secret-3\n", name="market-secret", who=both)
        eventually("the new secret is tried", lambda: said_so_far(stack, "token.refused") != refused, 15)
        time.sleep(1)
    await_all(stack, load.sent, seconds=40)
    stack.sim("/sim/secrets", key="market-3-key", secret="market-secret-3")
    made = said_so_far(stack, "token.refreshed")
    eventually("the new secret has made a token", lambda: said_so_far(stack, "token.refreshed") != made, 60)
    payments += [stack.send(market_prompt()) for _ in range(3)]
    await_all(stack, payments, seconds=40)
    assert_each_paid_once(stack, [*payments, *load.sent])


@pytest.mark.parametrize("broken, why", [
    ("accounts:\n  - name: market\n    shortc", "accounts.yaml"),
    ("", "accounts.yaml"),
    ("accounts: []\n", ""),
])
def test_a_broken_file_is_an_alarm_and_nothing_else(stack, broken, why):
    """Fails when a half of a file takes accounts away, when nobody is told or is told again and again, or when the next good one
    is not taken."""
    whole, said = accounts_with(stack), said_so_far(stack, "accounts.not_reread")
    with Load(stack, 20, make=lambda: prompt(account="harbour") if time.monotonic_ns() % 2 else payout()) as load:
        change(stack, broken, REFUSED, who=[name for name in readers(stack) if why or kind_of(name) != "webhook"])
        time.sleep(3)
        once = said_so_far(stack, "accounts.not_reread")
        assert all(once[name] == said[name] + 1 for name in once if why or kind_of(name) != "webhook"), (said, once)
        change(stack, whole)
    await_all(stack, load.sent, seconds=40)
    assert_each_paid_once(stack, load.sent)
    for name in readers(stack):
        lines = [json.loads(line) for line in stack.log(name).splitlines() if '"accounts.not_reread"' in line]
        assert all(line["level"] == "alarm" for line in lines)
        assert PASSKEY not in json.dumps(lines)


def test_production_does_not_slip_in(stack):
    """Fails when a file that changes while payments run can bring another environment, or another shortcode under a known name."""
    whole = accounts_with(stack)
    both = [name for name in readers(stack) if kind_of(name) != "webhook"]
    change(stack, whole.replace("  - name: harbour\n", "  - name: harbour\n    environment: production\n"), REFUSED, who=both)
    change(stack, whole.replace(f"  - name: harbour\n    shortcode: \"{SHORTCODE}\"", "  - name: harbour\n    shortcode: \"600009\""), REFUSED,
           who=both)
    assert all("its shortcode has changed" in stack.log(name) for name in both)
    payment = stack.send(prompt(account="harbour"))
    await_all(stack, [payment], seconds=40)
    change(stack, whole)


def test_an_account_goes_and_its_payments_wait(stack):
    """What was sent is settled, what was not waits, unsent, and new commands are refused. Fails when a payment of an account that is
    gone fails, gets lost, or is sent twice when the account is back."""
    before = accounts_with(stack)
    change(stack, accounts_with(stack, market(stack, key="market-4-key").replace("name: market", "name: market\n    app: market-4")))
    after = accounts_with(stack)
    with Load(stack, 30, make=market_prompt) as load:
        time.sleep(1)
        write(stack, before)
        time.sleep(3)
    eventually("all have an answer", lambda: all(newest_outcome(stack, payment) != "nothing" for payment in load.sent))
    gone = [payment for payment in load.sent if newest_outcome(stack, payment) == "REJECTED"]
    accepted = [payment for payment in load.sent if payment not in gone]
    assert gone and accepted, "it went while they came"
    known = stack.send(stk(new_phone(), 70, valid_until_ms=in_ms(600)))
    await_all(stack, [known], seconds=40)
    assert_none_failed(stack, accepted)
    change(stack, after)
    await_all(stack, accepted, seconds=90)
    assert_each_paid_once(stack, accepted)
    assert_none_failed(stack, accepted)


def test_rules_of_c2b_count_at_once(stack):
    """Fails when the webhook needs a restart for what the accounts file says of customers' payments."""
    from test_c2b import validate
    whole, bill = accounts_with(stack), "INV-1001"
    assert validate(stack, BillRefNumber=bill, TransAmount="30.00") == "0"
    change(stack, whole.replace('c2b_minimum: "10"', 'c2b_minimum: "100"'))
    assert validate(stack, BillRefNumber=bill, TransAmount="30.00") == "C2B00013"
    change(stack, whole)
    assert validate(stack, BillRefNumber=bill, TransAmount="30.00") == "0"
