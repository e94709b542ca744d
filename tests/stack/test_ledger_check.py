"""The check of the books is itself checked: each fault, planted in copies of good books, is found and named."""

import copy
import json
import pathlib
import subprocess
import sys

import pytest

CHECK = pathlib.Path(__file__).resolve().parents[1] / "chaos" / "ledger_check.py"
sys.path.insert(0, str(CHECK.parent))
import ledger_check  # noqa: E402


def ident(number):
    return f"019ac100-0000-7000-8000-{number:012x}"


def command(number, shillings):
    return {"id": ident(number), "amount_cents": shillings * 100, "phone": f"2547{number:08d}"}


def result(number, version, outcome, shillings, **more):
    return {"id": ident(number), "version": version, "outcome": outcome, "amount_cents": str(shillings * 100),
            "attempts": 1 if version and outcome != "REJECTED" else 0, **more}


def line(kind, number, shillings, **more):
    return {"kind": kind, "api": "stk_push", "payment": ident(number).replace("-", ""), "phone": f"2547{number:08d}",
            "shillings": shillings, **more}


def good_books():
    """Paid; failed; rejected; upgraded later; unresolved and moved; unresolved and not moved; a conflict."""
    commands = [command(n, n * 100) for n in range(1, 8)]
    results = [
        result(1, 0, "ACCEPTED", 100),
        result(1, 1, "SUCCEEDED", 100, receipt="SKE1111111", amount_moved_cents="10000"),
        result(1, 1, "SUCCEEDED", 100, receipt="SKE1111111", amount_moved_cents="10000"),
        result(2, 0, "ACCEPTED", 200), result(2, 1, "FAILED", 200),
        result(3, 1, "REJECTED", 300),
        result(4, 1, "UNRESOLVED", 400), result(4, 2, "SUCCEEDED", 400, receipt="SKE4444444"),
        result(5, 1, "UNRESOLVED", 500), result(6, 1, "UNRESOLVED", 600),
        result(7, 1, "SUCCEEDED", 700), result(7, 2, "CONFLICT", 700, cause={"code": "conflict.declined"}),
    ]
    ledger = [line("request", n, n * 100) for n in (1, 2, 4, 5, 6, 7)]
    ledger += [line("executed", n, n * 100, receipt=f"SKE{str(n) * 7}") for n in (1, 4, 5, 7)]
    ledger += [{"kind": "token", "api": "oauth"}, line("refused", 2, 200), {"kind": "callback", "says": "bytes"}]
    return commands, ledger, results


def execution(ledger, number):
    return next(one for one in ledger if one["kind"] == "executed" and one["payment"].endswith(f"{number:012x}"))


def lose(lines, fits):
    lines[:] = [one for one in lines if not fits(one)]


def paid_twice(commands, ledger, results):
    ledger.append({**execution(ledger, 1), "receipt": "SKE9999999"})


def failed_but_paid(commands, ledger, results):
    ledger.append(line("executed", 2, 200, receipt="SKE2222222"))


def failed_once_but_paid(commands, ledger, results):
    """A FAILED that was taken back is still a FAILED that somebody believed."""
    results.append(result(4, 3, "SUCCEEDED", 400, receipt="SKE4444444"))
    results[[r["outcome"] for r in results].index("UNRESOLVED")]["outcome"] = "FAILED"


def rejected_but_paid(commands, ledger, results):
    ledger.append(line("executed", 3, 300, receipt="SKE3333333"))


def succeeded_for_nothing(commands, ledger, results):
    lose(ledger, lambda one: one is execution(ledger, 1))


def nothing_told(commands, ledger, results):
    lose(results, lambda one: one["id"] == ident(6))


def accepted_for_ever(commands, ledger, results):
    commands.append(command(8, 800))
    results.append(result(8, 0, "ACCEPTED", 800))


def result_of_nobody(commands, ledger, results):
    results.append(result(9, 1, "FAILED", 900))


def execution_of_nobody(commands, ledger, results):
    ledger.append(line("executed", 9, 900, receipt="SKE9999999"))


def other_amount_paid(commands, ledger, results):
    execution(ledger, 5)["shillings"] = 501


def other_phone_paid(commands, ledger, results):
    execution(ledger, 5)["phone"] = "254799999999"


def other_receipt_told(commands, ledger, results):
    lose(results, lambda one: one["id"] == ident(4) and one["version"] == 2)
    results.append(result(4, 2, "SUCCEEDED", 400, receipt="SKE4444445"))


def other_amount_told(commands, ledger, results):
    lose(results, lambda one: one["id"] == ident(4) and one["version"] == 2)
    results.append(result(4, 2, "SUCCEEDED", 400, receipt="SKE4444444", amount_moved_cents="40100"))


def receipt_told_twice(commands, ledger, results):
    results.append(result(7, 3, "CONFLICT", 700, receipt="SKE1111111"))


def version_changed_its_mind(commands, ledger, results):
    results.append(result(2, 1, "FAILED", 200, cause={"code": "stk.1"}))


def sent_once_more(commands, ledger, results):
    ledger.append(line("request", 6, 600))


def sums(commands, ledger, results):
    """A single shilling, in the command's amount."""
    commands[0]["amount_cents"] += 100


@pytest.mark.parametrize("plant, found_by", [
    (paid_twice, "executed twice"),
    (failed_but_paid, "failed and executed"),
    (failed_once_but_paid, "failed and executed"),
    (rejected_but_paid, "failed and executed"),
    (succeeded_for_nothing, "succeeded and not executed"),
    (nothing_told, "without a result"),
    (accepted_for_ever, "without a result"),
    (result_of_nobody, "never commanded"),
    (execution_of_nobody, "never commanded"),
    (other_amount_paid, "other money than commanded"),
    (other_phone_paid, "other money than commanded"),
    (other_receipt_told, "receipt or amount told wrongly"),
    (other_amount_told, "receipt or amount told wrongly"),
    (receipt_told_twice, "one receipt for two"),
    (version_changed_its_mind, "one version said two things"),
    (sent_once_more, "more requests than attempts"),
    (sums, "money sums differ"),
    (failed_but_paid, "money sums differ"),
])
def test_a_planted_fault_is_named(plant, found_by):
    books = copy.deepcopy(good_books())
    plant(*books)
    faults, _ = ledger_check.check(*books)
    assert faults[found_by], faults


def test_every_rule_has_a_planted_fault():
    mark, = test_a_planted_fault_is_named.pytestmark
    assert {found_by for _, found_by in mark.args[1]} == {ledger_check.name_of(rule) for rule in ledger_check.RULES}


def test_good_books_have_no_fault():
    faults, books = ledger_check.check(*good_books())
    assert not any(faults.values()), faults
    text = "\n".join(ledger_check.summary(books))
    assert text.count("for a person") == 3 and "conflict.declined" in text


def run(folder, commands, ledger, results):
    args = [sys.executable, str(CHECK)]
    for name, lines in (("commands", commands), ("ledger", ledger), ("results", results)):
        (folder / name).write_text("".join(json.dumps(one) + "\n" for one in lines) + ('{"kind": "exec' if name == "ledger" else ""))
        args += [f"--{name}", str(folder / name)]
    return subprocess.run(args, capture_output=True, text=True, check=False)


def test_the_program_says_it_and_exits_with_it(tmp_path):
    books = good_books()
    done = run(tmp_path, *books)
    assert done.returncode == 0, done.stdout + done.stderr
    paid_twice(*books)
    done = run(tmp_path, *books)
    assert done.returncode == 1
    assert "executed twice                   1" in done.stdout and "SKE9999999" in done.stdout
