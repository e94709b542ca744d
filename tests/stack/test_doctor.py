"""mkondo doctor: a stack that works has nothing wrong, and each thing that a merchant gets wrong is named by a line."""

import subprocess

import pytest

from contract import stk
from load import new_phone
from mkondo_stack import BIN, INITIATOR_PASSWORD, PASSKEY, ROOT


@pytest.fixture(scope="module", autouse=True)
def _a_token_afterwards(whole_stack):
    """The doctor's tokens end the dispatcher's: the tests behind these find one that works, as they would without these."""
    yield
    whole_stack.await_outcome(whole_stack.send(stk(new_phone(), 77)), "SUCCEEDED")


def doctor(stack, *words, **changes):
    env = {name: value for name, value in {**stack.env, **changes}.items() if value is not None}
    done = subprocess.run([str(BIN / "mkondo"), "doctor", *words], env=env, cwd=ROOT, text=True, check=False, capture_output=True, timeout=120)
    lines = [line for line in done.stdout.splitlines() if line.startswith(("ok ", "warning ", "wrong ", "not checked "))]
    assert not any(secret in done.stdout + done.stderr for secret in (PASSKEY, INITIATOR_PASSWORD, "tests-secret", stack.callback_key.hex()))
    return done.returncode, lines, done.stdout + done.stderr


def test_what_works_has_nothing_wrong(stack):
    code, lines, text = doctor(stack)
    assert code == 0 and not [line for line in lines if line.startswith("wrong")], text
    for what in ("account default", "token of default", "webhook  ", "callback keys", "Kafka  ", "PostgreSQL  ", "clock against PostgreSQL"):
        assert any(line.startswith("ok ") and what in line for line in lines), f"{what}\n{text}"
    # It is a simulator on this machine, and the file of keys is open to others; the certificate may be.
    assert "keys/callback is open" in text and "initiator.cer is open" not in text
    assert {line[13:30].strip() for line in lines if line.startswith("warning")} == {"callback URLs", "MKONDO_TIME_SCALE", "secret file"}, text


def test_offline_it_asks_nobody(stack):
    code, lines, text = doctor(stack, "--offline", MPESA_API_BASE_URL="http://127.0.0.1:1")
    assert code == 0, text
    assert {line.split("  ")[1].strip() for line in lines if line.startswith("not checked")} == {"token of default", "webhook"}, text


def wrong_files(stack):
    folder = stack.folder / "doctor"
    folder.mkdir(exist_ok=True)
    (folder / "keys").write_text("1 not-hex\n")
    (folder / "certificate").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    (folder / "accounts.yaml").write_text("accounts:\n  - name: [\n")
    return folder


WRONG = {
    "no keys for callbacks": ({"MKONDO_CALLBACK_KEYS_FILE": None}, "callback keys", "not set"),
    "keys that are none": ({"MKONDO_CALLBACK_KEYS_FILE": "{folder}/keys"}, "callback keys", "line 1"),
    "no callback URL": ({"MPESA_CALLBACK_BASE_URL": None}, "callback URLs", "not set"),
    "a word that Daraja refuses": ({"MKONDO_CALLBACK_PREFIX": "mpesa"}, "callback URLs", "mpesa"),
    "no way to Daraja": ({"MPESA_API_BASE_URL": "http://127.0.0.1:1"}, "token of default", "no connection"),
    "a host without an address": ({"MPESA_API_BASE_URL": "https://daraja.invalid"}, "token of default", "no address"),
    "something else in Daraja's place": ({"MPESA_API_BASE_URL": "http://127.0.0.1:{webhook}"}, "token of default", "HTTP 404"),
    "half an account": ({"MPESA_PASSKEY": None, "MPESA_INITIATOR_NAME": None, "MPESA_INITIATOR_PASSWORD": None, "MPESA_CERTIFICATE_FILE": None},
                        "accounts", "neither collect nor pay out"),
    "a certificate that is none": ({"MPESA_CERTIFICATE_FILE": "{folder}/certificate"}, "accounts", "certificate_file"),
    "an accounts file that is none": ({"MKONDO_ACCOUNTS_FILE": "{folder}/accounts.yaml"}, "accounts", "accounts.yaml"),
    "the sandbox's shortcode in production": ({"MPESA_ENVIRONMENT": "production", "MPESA_BUSINESS_SHORT_CODE": "174379", "MPESA_API_BASE_URL": None, "MKONDO_TIME_SCALE": "1"},
                                              "account default", "174379"),
    "http in production": ({"MPESA_ENVIRONMENT": "production", "MPESA_API_BASE_URL": None, "MKONDO_TIME_SCALE": "1"}, "callback URLs", "in the clear"),
    "everybody may call back": ({"MPESA_ENVIRONMENT": "production", "MPESA_API_BASE_URL": None, "MKONDO_TIME_SCALE": "1", "MKONDO_CALLBACK_SOURCES": "0.0.0.0/0"},
                                "callback sources", "everybody"),
    "no broker": ({"MKONDO_KAFKA_BOOTSTRAP": "127.0.0.1:1"}, "Kafka", ""),
    "no topics": ({"MKONDO_TOPIC_PREFIX": "nobodys."}, "topics", "nobodys.commands.v1"),
    "no database": ({"MKONDO_PG": "host=127.0.0.1 port=1 dbname=x"}, "PostgreSQL", ""),
    "settings that cannot be read": ({"MKONDO_PG": None}, "settings: PostgreSQL", "cannot be used"),
    "another schema": ({"MKONDO_PG": "{empty}"}, "PostgreSQL", "schema"),
}


@pytest.fixture(scope="module")
def empty_database(cluster):
    return cluster.database("nothing-in-it")


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named(stack, empty_database, name):
    changes, what, words = WRONG[name]
    given = {"folder": wrong_files(stack), "webhook": stack.webhook_port, "empty": empty_database}
    changes = {key: value.format(**given) if value is not None else None for key, value in changes.items()}
    # Production is looked at without a request to it.
    offline = ["--offline"] if changes.get("MPESA_ENVIRONMENT") == "production" else []
    code, lines, text = doctor(stack, *offline, **changes)
    assert code == 1, text
    assert any(line.startswith("wrong ") and what in line and words in line for line in lines), text


def test_what_it_does_not_understand_is_told(stack):
    assert doctor(stack, "--onlin")[0] == 2
