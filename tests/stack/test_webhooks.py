"""`mkondo webhooks`: what M-PESA told by itself, what became of it, and how many there are."""

import json
import re
import subprocess

import pytest

from contract import b2c, callback_path
from mkondo_stack import BIN, eventually
from stories import any_phone

B2C = 2
LINE = re.compile(r"^(\S+Z)  (\S+) +(\S+) +([0-9a-f-]{36}|-) +(\S+) +(\d+) bytes  (\S+) +(.*)$")


def listed(stack, last=1000):
    """The lines, as (purpose, strength, payment, verdict, bytes, peer, says)."""
    lines = [LINE.match(line) for line in stack.tool("webhooks", "--last", str(last)).splitlines() if " bytes  " in line]
    assert all(lines)
    return [line.groups()[1:] for line in lines]


def number(page, name):
    line, = (line for line in page.splitlines() if line.startswith(name))
    return float(re.search(r"[\d.]+", line[len(name):])[0])


def total(stack, name):
    return number(stack.tool("webhooks"), name)


@pytest.fixture(scope="module")
def paid(whole_stack):
    payment = whole_stack.send(b2c(any_phone(), 960))
    whole_stack.await_outcome(payment, "SUCCEEDED")
    return payment


def post(stack, payment, body):
    assert stack.post(callback_path(stack.callback_key, 7, B2C, 1, payment, question=1), body) == 200


def test_a_callback_has_its_verdict_its_bytes_and_its_sender(stack, paid):
    eventually("the callback is listed", lambda: [line for line in listed(stack) if line[2] == paid])
    purpose, strength, _, verdict, size, peer, says = next(line for line in listed(stack) if line[2] == paid)
    assert (purpose, strength, verdict, says) == ("b2c", "signed_listed", "CONFIRMED", "PAID 0")
    page = stack.tool("explain", "--bodies", paid).splitlines()
    body = next(line for line in page if line.startswith("      {"))[6:]
    assert len(body.encode()) == int(size) and peer.startswith("127.0.0.1")


def test_what_cannot_be_read_is_an_error_and_steers_no_terminal(stack, paid):
    before = {name: total(stack, name) for name in ("webhooks", "errors")}
    post(stack, paid, "no JSON")
    post(stack, paid, json.dumps({"Result": {"ResultType": 0, "ResultCode": "\x1b[31m7", "ResultDesc": "x"}}))
    eventually("both are listed", lambda: len([line for line in listed(stack) if line[2] == paid]) >= 3)
    assert "\x1b" not in stack.tool("webhooks", "--last", "1000")
    assert total(stack, "errors") >= before["errors"] + 1
    assert total(stack, "webhooks") >= before["webhooks"] + 2
    told = [line[6] for line in listed(stack) if line[2] == paid]
    assert "UNCLEAR ?[31m7" in told


def test_what_belongs_to_nobody_is_listed_and_counted(stack):
    before = total(stack, "errors")
    nobody = "01890000-0000-7000-8000-0000000000aa"
    post(stack, nobody, json.dumps({"Result": {"ResultType": 0, "ResultCode": 0, "ResultDesc": "x"}}))
    eventually("it is listed", lambda: [line for line in listed(stack) if line[2:4] == (nobody, "ORPHAN")])
    assert total(stack, "errors") >= before + 1
    page = stack.tool("webhooks")
    everything, errors, rate = (number(page, name) for name in ("webhooks", "errors", "success rate"))
    assert rate == pytest.approx(100 * (everything - errors) / everything, abs=0.06)


def test_as_many_as_were_asked_for_the_newest_last(stack, paid):
    assert paid
    lines = stack.tool("webhooks", "--last", "3").splitlines()
    times = [line.split()[0] for line in lines if " bytes  " in line]
    assert len(times) == 3 and times == sorted(times)
    # Something may come between the two.
    eventually("they are the newest of all", lambda: stack.tool("webhooks", "--last", "3").splitlines()[:3] == [
        line for line in stack.tool("webhooks", "--last", "1000").splitlines() if " bytes  " in line][-3:])


def test_stats_tell_the_share_of_payments_that_succeeded(stack, paid):
    """In doubt is not failed: what is not decided counts on neither side."""
    page = stack.tool("stats")
    states = {line.split()[0]: int(line.split()[1]) for line in page.splitlines() if line.startswith("  ") and line.split()[1].isdigit()}
    succeeded, decided = states["SUCCEEDED"], states["SUCCEEDED"] + states["FAILED"]
    assert number(page, "success rate") == pytest.approx(100 * succeeded / decided, abs=0.06)
    assert f"of {decided} that are decided" in page and succeeded > 0 and paid


@pytest.mark.parametrize("words", [["--last", "0"], ["--last", "1001"], ["--last", "x"], ["--last"], ["more"]])
def test_a_wrong_word_is_told(stack, words):
    done = subprocess.run([str(BIN / "mkondo"), "webhooks", *words], env=stack.env, capture_output=True, text=True, check=False, timeout=30)
    assert (done.returncode, done.stdout) == (2, "") and "usage: mkondo webhooks [--last N]" in done.stderr
