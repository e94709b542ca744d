"""What is secret, or a person's, is found nowhere but where it has to be. Canaries go the usual ways; then everything that a person or
a program can read is searched for them:

    secrets (passkey, consumer secret, initiator's password, signing and sealing keys, C2B's secret)    nowhere
    access tokens and SecurityCredentials                                                              nowhere: whatever follows their names is ***
    a phone     commands.v1, callbacks.v1 and the table of payments hold it; results show it masked, and have a prompt's id, which
                M-PESA makes with its digits in it; logs, metrics, journals never
    a name      callbacks.v1 holds it, and bodies that somebody asked for (explain --bodies); the database has it sealed only
"""

import http.client
import json
import re

import pytest

from contract import b2c, stk
from inquiries import balance
from mkondo_stack import C2B_SECRET, HARBOUR_C2B_SECRET, INITIATOR_PASSWORD, PASSKEY, SERVICES, eventually
from stories import phone_for, story

STK_PHONE = phone_for("stk_push")
PAID_PHONE = phone_for("b2c")
REFUSED_PHONE = phone_for("b2c", result=2001)
LOST_PHONE = phone_for("b2c", answer="lost_after", callback="lost")
TOKEN_PHONE = "254790555001"
story(api="b2c", phone=TOKEN_PHONE, times=1, do={"answer": "invalid_token"})
TIMED_OUT_PHONE = phone_for("b2c", callback="queue_timeout", executed=True)
PHONES = (STK_PHONE, PAID_PHONE, REFUSED_PHONE, LOST_PHONE, TOKEN_PHONE, TIMED_OUT_PHONE)
PROMPT_ID = re.compile(r"ws_CO_\d+")
NAME = "Wanjiru Canary Njoroge"
CREDENTIAL = re.compile(r'SecurityCredential\\*"?\s*[:=]\s*\\*"?(?!\*\*\*)[A-Za-z0-9+/=*]{4}')
TOKEN = re.compile(r'(?:Bearer |access_token\\*"?\s*[:=]\s*\\*"?|Invalid Access Token[ -]+)(?!\*\*\*)[A-Za-z0-9+/=_.-]{4}')


def page(stack, service, path):
    link = http.client.HTTPConnection("127.0.0.1", stack.admin[service], timeout=5)
    link.request("GET", path)
    text = link.getresponse().read().decode()
    link.close()
    return text


@pytest.fixture(scope="module")
def said(whole_stack):
    """Everything that was said, by where it was said."""
    stack = whole_stack
    paid = [stack.send(stk(STK_PHONE, 950)), stack.send(balance())]
    paid += [stack.send(b2c(phone, 950)) for phone in (PAID_PHONE, LOST_PHONE, TOKEN_PHONE, TIMED_OUT_PHONE)]
    for payment in paid:
        stack.await_outcome(payment, "SUCCEEDED")
    refused = stack.send(b2c(REFUSED_PHONE, 950))
    stack.await_outcome(refused, "FAILED")
    # A name comes in a callback, and nothing else does.
    path = stack.ledger(paid[2], "accepted")[0]["url"][len(f"http://127.0.0.1:{stack.webhook_port}"):]
    execution, = stack.executions(paid[2])
    items = [("TransactionAmount", 950), ("TransactionReceipt", execution["receipt"]),
             ("ReceiverPartyPublicName", f"{PAID_PHONE} - {NAME}")]
    assert stack.post(path, json.dumps({"Result": {
        "ResultType": 0, "ResultCode": 0, "ResultDesc": "ok", "TransactionID": execution["receipt"],
        "ResultParameters": {"ResultParameter": [{"Key": key, "Value": value} for key, value in items]}}})) == 200
    eventually("the name is on file", lambda: stack.sql(
        "select count(*) > 1 from evidence where payment_id = %s and strength = 4", paid[2])[0][0])

    said = {f"log of {name}": stack.log(name) for name in stack.programs if name != "darajasim"}
    for service in SERVICES:
        said[f"metrics of {service}"] = page(stack, service, "/metrics") + page(stack, service, "/readyz")
    topics = {"callbacks": stack.topics.raw("callbacks.v1"), "dlq": [record.value for record in stack.topics.dead_letters],
              "results": [record.value for records in list(stack.topics.results.values()) for record in records],
              "receipts": [record.value for records in list(stack.topics.receipts.values()) for record in records]}
    said |= {topic: b"\n".join(values).decode(errors="replace") for topic, values in topics.items()}
    said["send journals"] = "\n".join(file.read_bytes().decode(errors="replace")
                                      for file in sorted((stack.folder / "journal").rglob("*")) if file.is_file())
    said["database"] = stack.dump()
    said["payments' table"] = "\n".join(row[0] for row in stack.sql("select t::text from payment t"))
    said["tool"] = "\n".join(stack.tool(*words) for words in (
        ["stats"], ["webhooks", "--last", "1000"], ["dlq", "list"], *(["explain", payment] for payment in [*paid, refused]), *(["find", payment] for payment in paid)))
    said["bodies"] = stack.tool("explain", "--bodies", paid[2])
    for service in SERVICES:
        said[f"configuration of {service}"] = stack.print_config(service)
    return said


def where(said, look):
    return {name for name, text in said.items() if look(text)}


def test_there_is_something_to_be_searched(said):
    assert all(said[name] for name in said if name not in ("dlq", "receipts")), [name for name in said if not said[name]]
    assert "SecurityCredential" in said["callbacks"], "a time-out gave our request back"


def test_bodies_are_in_the_logs_by_setting(said):
    """Requests of every kind that was sent, their answers, and what came back: codes can be read, and of all else the size."""
    dispatcher = [json.loads(line) for line in said["log of dispatcher"].splitlines() if '_shown"' in line or '.shown"' in line]
    requests = {line["api"]: line for line in dispatcher if line["event"] == "request.shown"}
    assert {"stk_push", "b2c", "account_balance"} <= set(requests)
    assert json.loads(requests["b2c"]["body"])["SecurityCredential"].endswith(" bytes>")
    assert json.loads(requests["stk_push"]["body"])["CallBackURL"].endswith(" bytes>")
    answers = [line for line in dispatcher if line["event"] == "answer.shown"]
    assert {line["api"] for line in answers} >= {"token", "stk_push", "b2c"}
    assert all("body" not in line for line in answers if line["api"] == "token")
    assert any(json.loads(line["body"]).get("ResponseCode") == "0" for line in answers if line["api"] == "b2c")
    assert '"event":"callback.shown"' in said["log of webhook"]


@pytest.mark.parametrize("secret", ["passkey", "consumer secret", "password", "c2b", "another c2b", "callback key", "store key"])
def test_a_secret_is_nowhere(said, stack, secret):
    value = {"passkey": PASSKEY, "consumer secret": "tests-secret", "password": INITIATOR_PASSWORD, "c2b": C2B_SECRET,
             "another c2b": HARBOUR_C2B_SECRET, "callback key": stack.callback_key.hex(),
             "store key": (stack.folder / "keys/store").read_text().split()[1]}[secret]
    assert where(said, lambda text: value in text) == set()


def test_credentials_and_tokens_are_hidden_wherever_they_are_named(said):
    assert CREDENTIAL.search('"SecurityCredential": "c2FuZGJveA=="') and not CREDENTIAL.search('"SecurityCredential":"***"')
    assert TOKEN.search("Invalid Access Token - AbCd1234") and not TOKEN.search("Invalid Access Token - ***")
    assert where(said, CREDENTIAL.search) == set()
    assert where(said, TOKEN.search) == set()


@pytest.mark.parametrize("phone", PHONES)
def test_a_phone_is_only_where_payments_are(said, phone):
    allowed = {"callbacks", "database", "payments' table", "bodies"}
    # M-PESA makes the id of a prompt with the phone's digits in it, and results tell that id.
    found = where(said, lambda text: phone[3:] in PROMPT_ID.sub("", text))
    assert found <= allowed
    assert phone in said["payments' table"]
    without = said["database"].replace(said["payments' table"], "")
    assert phone not in "\n".join(line for line in without.splitlines() if line not in said["payments' table"])


def test_a_customers_name_is_only_in_what_was_asked_for(said):
    assert where(said, lambda text: "Canary" in text) == {"callbacks", "bodies"}
