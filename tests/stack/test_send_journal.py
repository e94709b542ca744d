"""The reader of send journals that ./run chaos judges with is itself checked: on a dispatcher's own file, and by planted faults."""

import pathlib
import struct
import sys

import pytest

from contract import stk
from stories import any_phone

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "chaos"))
import send_journal  # noqa: E402

PAYMENT = "019ac10000007000800000000000000a"


def record(kind=send_journal.SEND, attempt=1, gen=0, body=b""):
    content = struct.pack("<IB16sIIqq", 1, kind, bytes.fromhex(PAYMENT), attempt, gen, 5, 6) + body
    return struct.pack("<II", len(content), send_journal.crc32c(content)) + content


def request(payment=PAYMENT):
    return {"kind": "request", "api": "b2c", "payment": payment}


def faults(folder, data, ledger):
    (folder / "send.journal").write_bytes(data)
    return send_journal.unjournalled(ledger, ("b2c",), send_journal.sends_by_payment([folder]))


def test_what_a_dispatcher_sent_is_in_its_journal_once_per_attempt(stack):
    """A disk that is slow for longer than the deadline of a send makes another attempt of it, which is journalled too."""
    payment = stack.send(stk(any_phone(), 120))
    stack.await_outcome(payment, "SUCCEEDED")
    ident = payment.replace("-", "")
    written = (stack.folder / "journal/dispatcher/send.journal").read_bytes()
    attempts = [record.attempt for record in send_journal.records(written)
                if record.kind == send_journal.SEND and record.payment == ident]
    assert attempts == list(range(1, stack.sql("select attempt from payment_state where id = %s", payment)[0][0] + 1))
    assert len(stack.requests(payment)) == 1


def test_the_checksum_is_castagnolis():
    assert send_journal.crc32c(b"123456789") == 0xe3069283


def test_a_request_without_an_entry_is_a_fault(tmp_path):
    assert not faults(tmp_path, record() + record(attempt=2), [request(), request()])
    assert faults(tmp_path, record() + record(attempt=2), [request()] * 3)
    assert faults(tmp_path, record(), [request("0" * 32)])
    assert faults(tmp_path, b"", [request()])


def test_the_same_attempt_twice_counts_once(tmp_path):
    assert faults(tmp_path, record() * 2, [request()] * 2)


def test_an_answer_is_no_entry(tmp_path):
    assert faults(tmp_path, record(send_journal.ANSWER, body=b"0 200\n{}"), [request()])


@pytest.mark.parametrize("data", [record()[:-1], record() + b"\0", record()[:-1] + b"\xff"])
def test_damage_is_told(tmp_path, data):
    with pytest.raises(ValueError):
        faults(tmp_path, data, [])
