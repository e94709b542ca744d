"""The contract of proto/mkondo/v1, checked by Python's protobuf: what is sent, what comes back, and what its headers say."""

import datetime
import hashlib
import json

import pytest
from google.protobuf import json_format

from contract import JSON, PROTOBUF, b2c, decode_result, encode, event_id, fingerprint, new_id, result_pb2, stk
from stories import DECLINED, any_phone

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


def camel(value):
    """The same command with lowerCamel names, as proto3's own JSON mapping writes them; keys of a map stay."""
    def name(key):
        head, *rest = key.split("_")
        return head + "".join(word.capitalize() for word in rest)
    return {name(key): camel(item) if isinstance(item, dict) and key != "metadata" else item for key, item in value.items()}


def full():
    return b2c(any_phone(), 2100, metadata={"order_no": "12", "who": "Wanjikũ"}, priority="BULK", currency="KES",
               account="default", created_at_ms=1, b2c={"kind": "SALARY_PAYMENT", "occasion": "November"})


def as_text(command):
    return {**command, "amount_cents": str(command["amount_cents"]), "valid_until_ms": str(command["valid_until_ms"])}


ENCODINGS = {
    "protobuf": (encode, PROTOBUF),
    "protobuf without a header": (encode, None),
    "Confluent framing": (lambda command: b"\0\0\0\0\7\0" + encode(command), "application/vnd.confluent.protobuf"),
    "Confluent framing without a header": (lambda command: b"\0\0\0\0\7\0" + encode(command), None),
    "JSON snake_case": (lambda command: json.dumps(command).encode(), JSON),
    "JSON lowerCamel": (lambda command: json.dumps(camel(command)).encode(), JSON),
    "JSON without a header": (lambda command: json.dumps(command).encode(), None),
    "JSON with int64 as strings": (lambda command: json.dumps(as_text(command)).encode(), JSON),
}


@pytest.mark.parametrize("how", ENCODINGS)
def test_a_command_means_the_same_in_every_encoding(stack, how):
    make, content_type = ENCODINGS[how]
    command = full()
    payment = stack.send_bytes(command["id"], make(command), [("content-type", content_type)] if content_type else [])
    result = stack.await_outcome(payment, "SUCCEEDED").result
    assert result.fingerprint == fingerprint(command)
    assert (result.tenant, result.account, result.operation, result.amount_cents) == ("shop", "default", "b2c", 210000)
    assert dict(result.metadata) == {"order_no": "12", "who": "Wanjikũ"}
    request, = stack.requests(payment)
    assert (request["phone"], request["shillings"]) == (command["b2c"]["phone"], 2100)


def test_a_result_has_cloudevents_headers_and_the_commands_trace(stack):
    payment = stack.send(stk(any_phone()), headers=[("traceparent", PARENT)])
    stack.await_outcome(payment, "SUCCEEDED")
    accepted, succeeded = sorted({r.version: r for r in stack.topics.results[payment]}.values(), key=lambda r: r.version)
    assert stack.topics.results[payment][0].version == 0, "ACCEPTED comes first"
    for record, at_ms in (accepted, accepted.result.accepted_at_ms), (succeeded, succeeded.result.decided_at_ms):
        assert record.header("ce_specversion") == "1.0"
        assert record.header("ce_id") == event_id(payment, record.version)
        assert record.header("ce_type") == f"mkondo.payment.{record.outcome.lower()}.v1"
        assert record.header("ce_subject") == payment and record.header("ce_source") == "mkondo"
        at = datetime.datetime.fromisoformat(record.header("ce_time").replace("Z", "+00:00"))
        assert round(at.timestamp() * 1000) == at_ms
        assert record.header("content-type") == PROTOBUF
        version, trace, span, flags = record.header("traceparent").split("-")
        assert (version, trace, flags) == ("00", TRACE, "01")
        # One bit is always set: a span of zeros is not allowed.
        digest = bytearray(hashlib.sha256(f"{payment}{record.version}".encode()).digest()[:8])
        digest[7] |= 1
        assert span == bytes(digest).hex()


def test_version_0_is_information_and_no_final_word(stack):
    payment = stack.send(stk(any_phone()))
    stack.await_outcome(payment, "SUCCEEDED")
    accepted = next(r for r in stack.topics.results[payment] if r.version == 0).result
    assert not accepted.final and accepted.receipt == "" and accepted.accepted_at_ms > 0


def test_a_party_is_masked_in_results(stack):
    phone = any_phone()
    payment = stack.send(stk(phone))
    result = stack.await_outcome(payment, "SUCCEEDED").result
    assert result.party.startswith("254") and result.party.endswith(phone[-3:]) and phone[4:9] not in result.party


def test_results_can_be_json_that_says_the_same(stack):
    """The current result is published again in the encoding that ingest has been given meanwhile."""
    commands = [stk(any_phone(), 2200, metadata={"order": "5"}), stk(DECLINED, 2250)]
    before = {}
    for command, outcome in zip(commands, ("SUCCEEDED", "FAILED")):
        payment = stack.send(command)
        before[payment] = stack.await_outcome(payment, outcome)
    stack.restart("ingest", MKONDO_RESULT_ENCODING="json")
    try:
        for command in commands:
            stack.send(command)
            old = before[command["id"]]
            new = stack.topics.wait("the result as JSON", lambda: next(
                (r for r in stack.topics.results[command["id"]] if r.header("content-type") == JSON), None))
            said = json.loads(new.value)
            assert said["id"] == command["id"] and said["outcome"] == old.outcome
            assert said["amount_cents"] == str(command["amount_cents"]), "int64 is written as a string"
            assert new.result == old.result
            assert json_format.Parse(new.value, result_pb2.Result()) == decode_result(old.value, PROTOBUF)
            ignored = ("content-type",)
            assert [h for h in new.headers if h[0] not in ignored] == [h for h in old.headers if h[0] not in ignored]
        fresh = stack.send(stk(any_phone(), 2300))
        stack.await_outcome(fresh, "SUCCEEDED")
        assert stack.topics.results[fresh][0].header("content-type") == JSON
    finally:
        stack.restart("ingest")


def test_a_question_by_command_is_answered(stack):
    payment = stack.send(stk(any_phone(), 2400))
    stack.await_outcome(payment, "SUCCEEDED")
    question = {"id": new_id(), "tenant": "shop", "stk_query": {"payment_id": payment}}
    result = stack.await_outcome(stack.send(question), "SUCCEEDED").result
    assert (result.operation, result.answer.code) == ("stk_query", "0")
    assert result.amount_moved_cents == 0 and result.receipt == ""
