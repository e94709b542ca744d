"""Commands that are wrong, each field in turn, between good ones: nothing stalls, and each sender learns what was wrong."""

import base64
import json

from contract import JSON, PROTOBUF, b2c, encode, new_id, stk
from stories import any_phone

DAY_MS = 86400 * 1000
REMOVE = object()


def changed(make, path, value):
    command = make(any_phone())
    at, *names = command, *path.split(".")
    for name in names[:-1]:
        at = at[name]
    if value is REMOVE:
        del at[names[-1]]
    else:
        at[names[-1]] = value
    return command


# What is changed, to what, and the field that the rejection must name.
WRONG = [
    (stk, "tenant", REMOVE, "tenant"),
    (stk, "tenant", "Shop", "tenant"),
    (stk, "tenant", "a" * 65, "tenant"),
    (stk, "account", "harbour", "account"),
    (stk, "amount_cents", REMOVE, "amount_cents"),
    (stk, "amount_cents", 0, "amount_cents"),
    (stk, "amount_cents", -100, "amount_cents"),
    (stk, "amount_cents", 1050, "amount_cents"),
    (stk, "amount_cents", 25000100, "amount_cents"),
    (b2c, "amount_cents", 900, "amount_cents"),
    (stk, "amount_cents", "many", "amount_cents"),
    (stk, "amount_cents", 100.5, "amount_cents"),
    (stk, "amount_cents", str(2 ** 63), "amount_cents"),
    (stk, "currency", "USD", "currency"),
    (stk, "valid_until_ms", 1, "valid_until_ms"),
    (stk, "valid_until_ms", 4102444800000, "valid_until_ms"),
    (stk, "valid_until_ms", "soon", "valid_until_ms"),
    (stk, "created_at_ms", True, "created_at_ms"),
    (stk, "priority", "URGENT", "priority"),
    (stk, "priority", 9, "priority"),
    (stk, "metadata", {str(i): "x" for i in range(17)}, "metadata"),
    (stk, "metadata", {"": "x"}, "metadata"),
    (stk, "metadata", {"k": "v" * 257}, "metadata"),
    (stk, "metadata", {"k": 5}, "metadata.value"),
    (stk, "metadata", "text", "metadata"),
    (stk, "colour", "red", "colour"),
    (stk, "stk_push", REMOVE, "operation"),
    (stk, "b2c", {"phone": "254700000001", "remarks": "Both"}, None),
    (stk, "stk_push", "text", "stk_push"),
    (stk, "stk_push.phone", REMOVE, "stk_push.phone"),
    (stk, "stk_push.phone", "25470000014", "stk_push.phone"),
    (stk, "stk_push.phone", "+12025550123", "stk_push.phone"),
    (stk, "stk_push.phone", 254700000149, "stk_push.phone"),
    (stk, "stk_push.account_reference", REMOVE, "stk_push.account_reference"),
    (stk, "stk_push.account_reference", "thirteen chars", "stk_push.account_reference"),
    (stk, "stk_push.account_reference", "a<b", "stk_push.account_reference"),
    (stk, "stk_push.description", REMOVE, "stk_push.description"),
    (stk, "stk_push.description", "more than thirteen", "stk_push.description"),
    (stk, "stk_push.kind", "BUY_NOTHING", "stk_push.kind"),
    (stk, "stk_push.till", "600000", "stk_push.till"),
    (stk, "stk_push.colour", "red", "stk_push.colour"),
    (b2c, "b2c.phone", "0800123456", "b2c.phone"),
    (b2c, "b2c.remarks", REMOVE, "b2c.remarks"),
    (b2c, "b2c.remarks", "x", "b2c.remarks"),
    (b2c, "b2c.remarks", "r" * 101, "b2c.remarks"),
    (b2c, "b2c.occasion", "o" * 101, "b2c.occasion"),
    (b2c, "b2c.kind", 7, "b2c.kind"),
    (stk, "stk_push", {"phone": "254700000001", "account_reference": "T", "description": "T", "kind": "BUY_GOODS"},
     "stk_push.till"),
]


def stripped(command, name):
    return {key: value for key, value in command.items() if key != name}


def unreadable():
    """Bytes without an id that can be read: key, bytes, content type."""
    good = stk(any_phone())
    return [
        ("no-id", json.dumps(stripped(good, "id")).encode(), JSON),
        ("empty-id", json.dumps({**good, "id": ""}).encode(), JSON),
        ("id-in-capitals", json.dumps({**good, "id": good["id"].upper()}).encode(), JSON),
        ("id-with-braces", json.dumps({**good, "id": "{%s}" % good["id"]}).encode(), JSON),
        ("id-is-a-number", json.dumps({**good, "id": 7}).encode(), JSON),
        ("no-id-protobuf", encode(stripped(good, "id")), PROTOBUF),
        ("empty", b"", None),
        ("noise", bytes(range(255, 0, -3)), None),
        ("text", b"pay him", JSON),
        ("array", b"[1, 2]", JSON),
        ("cut", b'{"id": "01', JSON),
        ("other-schema", b"\0\0\0\0\7\4\2\4" + encode(good), "application/vnd.confluent.protobuf"),
    ]


def bad_protobuf():
    """Bytes whose id can be read, and what protobuf libraries let pass: command and the named field."""
    one, two, three = stk(any_phone()), stk(any_phone()), b2c(any_phone())
    return [
        (one["id"], encode(one) + b"\xf8\x07\x01", None),                         # field 127
        (two["id"], encode(two) + b"\x12\x04shop", "tenant"),                      # a second tenant
        (three["id"], encode(three).replace(b"Refund", b"Ref\xff\xfed"), "b2c.remarks"),  # not UTF-8
        (three_id := new_id(), encode({**three, "id": three_id}).replace(b"Refund", b"Re\0und"), "b2c.remarks"),
    ]


def bad_json():
    """The same for JSON."""
    big, twice = stk(any_phone()), stk(any_phone())
    return [
        (big["id"], json.dumps({**big, "amount_cents": 2 ** 63}).encode(), None),
        (twice["id"], json.dumps(twice).encode()[:-1] + b', "tenant": "shop"}', None),
    ]


def why_not_rejected(stack, payment, field, what):
    """What is amiss with the rejection of one bad command; nothing if all is well."""
    try:
        result = stack.await_outcome(payment, "REJECTED", version=1, seconds=5).result
    except AssertionError as fault:
        letters = [one.header("mkondo_detail") for one in stack.topics.dead_letters if one.key == payment]
        return [f"{what}: {fault}; dead letters: {letters}"]
    told = f"{result.cause.code}, {result.cause.field}: {result.cause.text}"
    if not result.final or not result.cause.text or not result.cause.code.startswith("command.") or stack.ledger(payment):
        return [f"{what}: {told}"]
    return [] if field in (None, result.cause.field) else [f"{what}: {field} was to be named: {told}"]


def test_bad_commands_between_good_ones_are_named_and_stall_nothing(stack):
    good, rejected, letters = [], {}, {}

    def send_good():
        good.append(stack.send((stk, b2c)[len(good) % 2](any_phone(), 2500)))

    for make, path, value, field in WRONG:
        command = changed(make, path, value)
        rejected[stack.send(command, JSON)] = field, f"{make.__name__}: {path} = {value!r:.40}"
        send_good()
    for ident, value, field in bad_protobuf():
        rejected[stack.send_bytes(ident, value, [("content-type", PROTOBUF)])] = field, f"protobuf {value!r}"
        send_good()
    for ident, value, field in bad_json():
        rejected[stack.send_bytes(ident, value, [("content-type", JSON)])] = field, f"JSON {value!r}"
        send_good()
    for key, value, content_type in unreadable():
        stack.topics.send(key, value, [("content-type", content_type)] if content_type else [])
        letters[key] = value
        send_good()
    stack.topics.flush()
    assert len(rejected) + len(letters) >= 50

    for payment in good:
        stack.await_outcome(payment, "SUCCEEDED")
    wrong = [fault for payment, (field, what) in rejected.items() for fault in why_not_rejected(stack, payment, field, what)]
    assert not wrong, "\n".join(wrong)
    for key, value in letters.items():
        letter = stack.topics.wait(f"the dead letter of {key}", lambda: next(
            (one for one in stack.topics.dead_letters if one.key == key), None))
        assert letter.value == value, base64.b64encode(letter.value)
        assert letter.header("mkondo_reason") == "undecodable" and letter.header("mkondo_detail")
        assert letter.header("mkondo_topic") == stack.prefix + "commands.v1"
        assert letter.header("mkondo_offset").isdigit() and letter.header("mkondo_partition").isdigit()


def test_what_comes_behind_a_million_bytes_of_noise_is_paid(stack):
    stack.topics.send("large", b"{" * 900000)
    payment = stack.send(stk(any_phone()))
    stack.await_outcome(payment, "SUCCEEDED")
