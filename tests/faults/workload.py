"""Payments that go every way there is, a few at a time, for as long as somebody wants: each way is an amount, which is what
the simulator's scenario goes by."""

import contextlib
import http.client
import json
import random
import subprocess

from contract import JSON, b2c, encode, in_ms, new_id, stk
from mkondo_stack import SHORTCODE, Stack

FLOOD_EVERY, FLOOD = 400, 4000  # hints: more than the dispatcher's threads hand over at a time, so that it pauses the topic

# Shillings: what becomes of a payment of this amount. Times are at time scale 1.
STK = {
    101: {},
    102: {"result": 1032},
    103: {"answer": "lost_after", "callback_after_ms": 20000},
    104: {"callback": "lost"},
    105: {"callback": "before_answer"},
    106: {"answer": "spike_arrest"},  # every other one: it is put off, and goes in when it comes again
    107: {"callback": "doubled"},
}
B2C = {
    201: {},
    202: {"result": 1},
    203: {"answer": "lost_after"},
    204: {"callback": "lost"},
    205: {"answer": "truncated", "callback": "lost"},
    206: {"answer": "spike_arrest"},
}


def _rules(api, ways):
    for amount, do in ways.items():
        if do:
            yield {"api": api, "amount": amount, "do": do, **({"nth": {"every": 2}} if do.get("answer") == "spike_arrest" else {})}


SCENARIO = {
    "defaults": {"result": "paid", "shape": "any", "outcome_after_ms": 3000, "callback_after_ms": 1000},
    "rules": [*_rules("stk_push", STK), *_rules("b2c", B2C)],
}


class FaultStack(Stack):
    """With a second account, whose SecurityCredential is made from a certificate at the start."""

    def _write_files(self):
        super()._write_files()
        keys = self.folder / "keys"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test", "-days", "1", "-keyout",
                        "/dev/null", "-out", str(keys / "certificate.pem")], check=True, capture_output=True)
        (keys / "password").write_text("a-password-of-the-tests\n")
        with (keys / "accounts.yaml").open("a") as accounts:
            accounts.write(
                f"  - name: pier\n    shortcode: \"{SHORTCODE}\"\n    consumer_key: pier-key\n    consumer_secret: pier-secret\n"
                f"    initiator: tests\n    initiator_password_file: {keys / 'password'}\n"
                f"    certificate_file: {keys / 'certificate.pem'}\n    api_base: http://127.0.0.1:{self.sim_port}\n")


class Workload:
    """Sends by turns; `sent` has what each payment is in the terms of the ledger check."""

    def __init__(self, stack, seed):
        self.stack, self.luck, self.number = stack, random.Random(seed), 0
        self.sent, self.last = {}, None

    def _note(self, command, phone):
        self.sent[command["id"]] = {"id": command["id"], "amount_cents": command["amount_cents"], "phone": phone}

    def _payment(self, make, shillings):
        phone = f"2541{self.number:08d}"
        # Long enough for every fault between the command and the call to pass.
        command = make(phone, shillings, valid_until_ms=in_ms(600))
        self._note(command, phone)
        self.last = (command["id"], encode(command))
        self.stack.topics.send(*self.last)

    def _wrong(self):
        """Readable and not allowed: it is rejected."""
        phone = f"2541{self.number:08d}"
        command = stk(phone, 100, tenant="Shop")
        self._note(command, phone)
        self.stack.topics.send(command["id"], json.dumps(command).encode(), [("content-type", JSON)])

    def _knock(self):
        """At the webhook's door, without a key; the server is to end the connection."""
        link = http.client.HTTPConnection("127.0.0.1", self.stack.webhook_port, timeout=1)
        with contextlib.closing(link), contextlib.suppress(OSError, http.client.HTTPException):
            link.request("POST", "/nobody/here", "{}", {"Content-Type": "application/json", "Connection": "close"})
            link.getresponse().read()

    def _flood(self):
        """Hints about payments that do not exist."""
        topic = self.stack.prefix + "dispatch.interactive.v1"
        for _ in range(FLOOD):
            self.stack.topics.producer.produce(topic, value=b"\x0a\x24" + new_id().encode())
        self.stack.topics.producer.poll(0)

    def send_one(self):
        self.number += 1
        turn = self.number % 20
        if self.number % FLOOD_EVERY == 50:
            self._flood()
        if turn == 15:
            self._knock()
        if turn == 3:
            self._wrong()
        elif turn == 7 and self.last:
            self.stack.topics.send(*self.last)  # the same once more
        elif turn == 11:
            self.stack.topics.send(new_id(), b"\xff\xff no command", [])
        elif turn == 13:
            self.stack.topics.producer.produce(self.stack.prefix + "callbacks.v1", key=b"", value=b"\xff no envelope")
        elif self.luck.random() < 0.55:
            self._payment(stk, self._one_of(STK))
        else:
            self._payment(b2c, self._one_of(B2C))

    def _one_of(self, ways):
        """A spike arrest slows its lane down, and answers that do not come open its breaker: there are few."""
        few = {"spike_arrest": 1, "lost_after": 3, "truncated": 3}
        return self.luck.choices(list(ways), [few.get(do.get("answer"), 12) for do in ways.values()])[0]
