#!/usr/bin/python3
"""every.py DIR: sends a command of every kind, those of examples/, to the stack in DIR and says what became of each; exits 1 when
one of them did not succeed."""

import json
import pathlib
import sys
import threading
import time

sys.dont_write_bytecode = True

import demo  # noqa: E402
from demo import ROOT, Stack, Watcher, ledger_of  # noqa: E402

# What needs something to be there: a payment to ask about or to reverse, addresses that are registered, an opt-in.
WAVES = [("c2b_simulate", "stk_query", "transaction_status", "reversal", "bill_invoice", "bill_invoices"), ("bill_reconcile", "bill_cancel")]
LIMIT_S = 40.0
demo.OPERATION_WIDTH = 18


def commands():
    """Waves of (operation, command), in order of the name."""
    found = {}
    for path in sorted((ROOT / "examples").glob("*.json")):
        if not path.name.endswith(".scenario.json"):
            found[path.stem] = json.loads(path.read_text())
    late = {name for wave in WAVES for name in wave}
    waves = [[(name, command) for name, command in found.items() if name not in late]]
    return waves + [[(name, found[name]) for name in wave if name in found] for wave in WAVES]


def await_wave(watcher, wave, stack):
    watcher.expected = {command["id"]: "SUCCEEDED" for _, command in wave}
    watcher.done.clear()
    stack.send({"encoding": "json", "command": command} for _, command in wave)
    watcher.done.wait(LIMIT_S)


def details(result):
    """What an inquiry was told, a line each."""
    for balance in result.get("balances", []):
        yield f"{balance.get('account', '')}: KES {int(balance.get('current_cents', 0)) / 100:,.2f}, available {int(balance.get('available_cents', 0)) / 100:,.2f}"
    for name, value in sorted(result.get("details", {}).items()):
        yield f"{name} {value}"
    if result.get("qr_png"):
        yield f"a picture of {len(result['qr_png']) * 3 // 4:,} bytes"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    stack = Stack(pathlib.Path(sys.argv[1]))
    waves = commands()
    all_of_them = [pair for wave in waves for pair in wave]
    watcher = Watcher({}, {command["id"]: name for name, command in all_of_them})
    begin = time.monotonic()
    follower = stack.follow()
    threading.Thread(target=watcher.read, args=(follower.stdout,), daemon=True).start()
    try:
        print(f"Publishing {len(all_of_them)} commands, one of every kind, from examples/ to mkondo.commands.v1 ...\n")
        print(f"  {'payment':11}  {'operation':18} {'KES':>9}  {'party':<12}  {'outcome':<10}  {'receipt':<10}  {'took':>8}  why")
        for wave in filter(None, waves):
            await_wave(watcher, wave, stack)
        time.sleep(0.5)
    finally:
        follower.terminate()
        follower.wait()
    print()
    for name, command in all_of_them:
        for line in details(watcher.latest.get(command["id"], {})):
            print(f"  {name:18}  {line}")
    return conclude(watcher, all_of_them, stack, begin)


def conclude(watcher, all_of_them, stack, begin):
    executions, _ = ledger_of(stack.folder)
    outcome = {name: watcher.latest.get(command["id"], {}).get("outcome", "without a result") for name, command in all_of_them}
    faults = [f"{name} is {what}, expected SUCCEEDED" for name, what in outcome.items() if what != "SUCCEEDED"]
    faults += [f"{who} was executed {times} times" for who, times in executions.items() if times > 1]
    print(f"\n{len(outcome)} commands, one of every kind: {sum(what == 'SUCCEEDED' for what in outcome.values())} succeeded. "
          f"Simulator's ledger: {sum(executions.values())} executions, {'none' if all(v == 1 for v in executions.values()) else 'SOME'} twice."
          f"{time.monotonic() - begin:>16.1f} s")
    for fault in faults:
        print(f"demo: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
