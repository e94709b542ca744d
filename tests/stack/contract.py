"""The contract of proto/mkondo/v1, by a second implementation: Python's protobuf. Nothing here knows mkondo's code."""

import hashlib
import hmac
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import uuid

from google.protobuf import json_format

ROOT = pathlib.Path(__file__).resolve().parents[2]


def _generate():
    with tempfile.TemporaryDirectory(prefix="mkondo-proto.") as folder:
        subprocess.run(["protoc", f"--python_out={folder}", f"-I{ROOT}/proto", "mkondo/v1/command.proto",
                        "mkondo/v1/result.proto", "mkondo/v1/receipt.proto"], check=True)
        sys.path.insert(0, folder)
        sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
        try:
            from mkondo.v1 import command_pb2, receipt_pb2, result_pb2
        finally:
            sys.path.remove(folder)
            sys.dont_write_bytecode = before
    return command_pb2, receipt_pb2, result_pb2


command_pb2, receipt_pb2, result_pb2 = _generate()
PROTOBUF, JSON = "application/x-protobuf", "application/json"


def new_id():
    """A UUID of version 7."""
    number = (int(time.time() * 1000) << 80) | int.from_bytes(os.urandom(10), "big")
    number = (number & ~(0xf << 76)) | (7 << 76)
    number = (number & ~(0x3 << 62)) | (2 << 62)
    return str(uuid.UUID(int=number))


def in_ms(seconds):
    return int((time.time() + seconds) * 1000)


def stk(phone, shillings=100, ident=None, **fields):
    """The customer pays. What a person answers on the phone is valid for 120 s, which the tests' clock makes 0.6 s: a
    minute unless a test says otherwise."""
    push = {"phone": phone, "account_reference": "INV-1", "description": "Goods", **fields.pop("stk_push", {})}
    return {"id": ident or new_id(), "tenant": "shop", "amount_cents": shillings * 100, "valid_until_ms": in_ms(60),
            **fields, "stk_push": push}


def b2c(phone, shillings=100, ident=None, **fields):
    """The business pays."""
    payout = {"phone": phone, "remarks": "Refund of order 12", **fields.pop("b2c", {})}
    return {"id": ident or new_id(), "tenant": "shop", "amount_cents": shillings * 100, "valid_until_ms": in_ms(600),
            **fields, "b2c": payout}


def encode(command):
    return json_format.ParseDict(command, command_pb2.Command()).SerializeToString()


def decode_result(value, content_type):
    if content_type == PROTOBUF:
        return result_pb2.Result.FromString(value)
    assert content_type == JSON, content_type
    return json_format.Parse(value, result_pb2.Result())


def decode_receipt(value, content_type):
    if content_type == PROTOBUF:
        return receipt_pb2.Receipt.FromString(value)
    assert content_type == JSON, content_type
    return json_format.Parse(value, receipt_pb2.Receipt())


def event_id(payment, version):
    return hashlib.sha256(f"{payment}{version}".encode()).hexdigest()[:32]


def fingerprint(command):
    """SHA-256 over tenant, account, amount, currency and operation, in field order, defaults left out."""
    message = json_format.ParseDict(command, command_pb2.Command())
    content = command_pb2.Command()
    content.CopyFrom(message)
    for name in ("id", "created_at_ms", "valid_until_ms", "priority", "metadata"):
        content.ClearField(name)
    content.account = content.account or "default"
    content.currency = content.currency or "KES"
    return hashlib.sha256(content.SerializeToString(deterministic=True)).digest()


def callback_path(secret, key_id, purpose, gen, payment, flags=0, question=0, prefix="n"):
    """/n/<12 hex>/<32 hex>/<32 hex>: the signed path of design and documentation, made here once more."""
    segment = f"{key_id:02x}{purpose:x}{flags:x}{gen:04x}{question:04x}"
    ident = payment.replace("-", "")
    mac = hmac.new(secret, f"mkondo.callback.v1{segment}{ident}".encode(), hashlib.sha256).hexdigest()[:32]
    return f"/{prefix}/{segment}/{ident}/{mac}"
