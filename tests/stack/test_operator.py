"""What an operator does with mkondo: stop a lane and let it go, find a payment by what is at hand, check the results."""

import base64
import contextlib
import os
import re
import subprocess
import time

from contract import b2c, stk
from mkondo_stack import BIN, eventually
from stories import any_phone


@contextlib.contextmanager
def paused(stack, lane):
    said = stack.tool("pause", lane)
    try:
        yield said
    finally:
        stack.tool("resume", lane)


def found(stack, text):
    """The ids that `mkondo find` prints; none when it finds nothing."""
    return re.findall(r"^([0-9a-f-]{36})  ", stack.tool("find", text, check=False), re.M)


def actions(stack):
    """What was done to the app default; without --app it is done to the others too."""
    return stack.sql("select action, reference, first_by from operator_action where starts_with(detail, 'app default') order by no")


def lane_line(stack, lane):
    return next(line for line in stack.tool("stats").splitlines() if line.split()[:2] == ["default", lane])


def test_a_paused_lane_sends_nothing_until_it_is_resumed(stack):
    before = len(actions(stack))
    with paused(stack, "interactive") as said:
        assert "interactive of app default is now paused" in said
        assert lane_line(stack, "interactive").endswith("paused")
        held = stack.send(stk(any_phone(), 420))
        stack.await_outcome(held, "ACCEPTED", version=0)
        # Another lane goes on, so what is held is held by the pause.
        stack.await_outcome(stack.send(b2c(any_phone(), 420)), "SUCCEEDED")
        time.sleep(2.5)  # longer than a held lane is left alone before it is looked at again
        assert stack.state(held) == "ACCEPTED"
        assert stack.ledger(held) == []
        assert "was already paused" in stack.tool("pause", "interactive", "--app", "default")
        assert stack.state(held) == "ACCEPTED"
        assert "interactive of app default is now not paused" in stack.tool("resume", "interactive", "--app=default")
    stack.await_outcome(held, "SUCCEEDED", version=1)
    assert len(stack.executions(held)) == 1
    assert not lane_line(stack, "interactive").endswith("paused")
    done = actions(stack)[before:]
    assert [action[:2] for action in done] == [("pause", "interactive")] * 2 + [("resume", "interactive")] * 2
    assert {action[2] for action in done} == {os.environ.get("USER") or f"uid {os.getuid()}"}


def test_a_lane_that_does_not_exist_is_refused(stack):
    before = len(actions(stack))
    assert 'no lane "intractive"' in stack.tool("pause", "intractive", check=False)
    assert len(actions(stack)) == before


def test_an_app_that_nobody_knows_is_paused_and_told(stack):
    said = stack.tool("pause", "care", "--app", "habour")
    assert "care of app habour is now paused" in said and 'knew no app "habour"' in said
    stack.sql("delete from lane where app = 'habour'")


def test_a_payment_is_found_by_all_that_it_is_called(stack):
    phone, reference = any_phone(), "FIND-1"
    payment = stack.send(stk(phone, 430, stk_push={"account_reference": reference}))
    result = stack.await_outcome(payment, "SUCCEEDED").result
    payout = stack.send(b2c(phone, 440))
    conversation = stack.await_outcome(payout, "SUCCEEDED").result.provider.conversation_id
    for text in (result.receipt, result.provider.checkout_request_id, payment, payment.replace("-", ""), reference):
        assert found(stack, text) == [payment], text
    assert found(stack, conversation) == [payout]
    assert payment in found(stack, payment[:8])
    for text in (phone, "+" + phone, "0" + phone[3:]):
        assert found(stack, text) == [payout, payment], "the newest first"
    line = stack.tool("find", result.receipt)
    assert all(part in line for part in (payment, "stk_push", "430", "SUCCEEDED", result.receipt))
    assert phone not in line
    assert "no payment fits" in stack.tool("find", "NOSUCHTHING", check=False)


def test_the_results_keep_the_contract(stack):
    payment = stack.send(stk(any_phone(), 450))
    stack.await_outcome(payment, "SUCCEEDED")
    eventually("the story is on the topic", lambda: stack.topics.outcomes(payment)[-1:] == [(1, "SUCCEEDED")])
    said = stack.tool("results", "--check")
    summary = re.search(r"^(\d+) records of (\d+) payments: 0 violations", said, re.M)
    assert summary and int(summary[1]) >= 2 and int(summary[2]) >= 1, said
    assert "VIOLATION" not in said


def test_a_credential_is_made_that_safaricom_alone_can_read(stack):
    """As the guide's recipe makes it: RSA with PKCS #1 v1.5 padding, in base64; the password comes by standard input or a file."""
    certificate, key = stack.folder / "keys/initiator.cer", stack.folder / "initiator.key"
    password_file = stack.folder / "keys/initiator-password"
    password_file.write_text("Pass#word1\n")

    def made(*words, said=""):
        done = subprocess.run([str(BIN / "mkondo"), "credential", *words], input=said, capture_output=True, text=True, timeout=20)
        assert "Pass#word1" not in done.stdout + done.stderr
        return done

    for done in (made("--certificate", str(certificate), said="Pass#word1\n"),
                 made("--certificate", str(certificate), "--password-file", str(password_file))):
        assert done.returncode == 0, done.stderr
        assert "CN = daraja; RSA, 2048 bits; until" in done.stderr
        sealed = base64.b64decode(done.stdout.strip(), validate=True)
        assert len(sealed) == 256 and done.stdout.count("\n") == 1
        opened = subprocess.run(["openssl", "pkeyutl", "-decrypt", "-inkey", str(key)], input=sealed, capture_output=True, check=True, timeout=20)
        assert opened.stdout == b"Pass#word1"
    assert made("--certificate", str(certificate)).returncode == 78, "without a password"
    nothing = made("--certificate", str(key), said="x\n")
    assert nothing.returncode == 78 and "neither PEM nor DER" in nothing.stderr
    assert made("--password", "x").returncode == 2, "never on the command line"
