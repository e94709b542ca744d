"""Reads a dispatcher's send journal, from the layout that common/io/journal_file.h documents and from nothing else."""

import collections
import pathlib
import struct

SEND, ANSWER, APPLIED = 1, 2, 3
HEAD = struct.Struct("<II")
FIXED = struct.Struct("<IB16sIIqq")
Record = collections.namedtuple("Record", "batch kind payment attempt gen at_us fence_at_us body")


def _table():
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82f63b78 if byte & 1 else 0)
        yield byte


TABLE = tuple(_table())


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xff] ^ (crc >> 8)
    return crc ^ 0xffffffff


def records(data):
    """The whole records from the start on; ValueError at what is none: a journal at rest has no torn end."""
    at = 0
    while at < len(data):
        if len(data) - at < HEAD.size + FIXED.size:
            raise ValueError(f"{len(data) - at} bytes at {at} are no record")
        length, crc = HEAD.unpack_from(data, at)
        content = data[at + HEAD.size:at + HEAD.size + length]
        if len(content) < max(length, FIXED.size) or crc32c(content) != crc:
            raise ValueError(f"damaged at byte {at} of {len(data)}")
        batch, kind, payment, *rest = FIXED.unpack_from(content)
        yield Record(batch, kind, payment.hex(), *rest, content[FIXED.size:])
        at += HEAD.size + length


def sends_by_payment(folders):
    """{payment's 32 hex digits: its attempts, as (attempt, gen)}, over the journals of all dispatchers."""
    sends = collections.defaultdict(set)
    for folder in folders:
        path = pathlib.Path(folder) / "send.journal"
        for record in records(path.read_bytes()) if path.exists() else ():
            if record.kind == SEND:
                sends[record.payment].add((record.attempt, record.gen))
    return sends


def unjournalled(ledger, paying, sends):
    """A fault for each payment of which M-PESA saw more requests than the journals know attempts."""
    seen = collections.Counter(line.get("payment", "") for line in ledger if line["kind"] == "request" and line["api"] in paying)
    return [f"{payment or '(no payment)'}: {count} requests, {len(sends.get(payment, ()))} journal entries"
            for payment, count in seen.items() if count > len(sends.get(payment, ()))]
