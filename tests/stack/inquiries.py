"""Questions that move no money. A balance question's story is told by its remarks, a QR code's by its amount, the others' by whom
they ask about."""

import itertools

from contract import in_ms, new_id
from stories import any_phone, story

_names = itertools.count(1)
_shortcodes = itertools.count(700001)
_amounts = itertools.count(40001)


def command(operation, message, **fields):
    return {"id": new_id(), "tenant": "shop", "valid_until_ms": in_ms(600), **fields, operation: message}


def balance(remarks="", **more):
    return command("account_balance", {"remarks": remarks} if remarks else {}, **more)


def status(**message):
    return command("transaction_status", message)


def query(**message):
    return command("stk_query", message)


def qr(shillings=0, **message):
    return command("qr_code", {"merchant_name": "Mkondo Test", "reference": "INV 12", "receiver": "600584", **message},
                   amount_cents=shillings * 100)


def organisation(identifier="600584", kind="PAY_BILL"):
    return command("org_info", {"identifier": identifier, "kind": kind})


def swap(phone):
    return command("sim_swap", {"phone": phone})


def imsi(phone):
    return command("imsi", {"phone": phone})


def rule(api, where, times=None, **do):
    story(api=api, do=do, **where, **({"times": times} if times else {}))


class Product:
    """What is asked, and a way to tell one question's story from another's. `is_asked`: the answer comes as a callback."""

    def __init__(self, name, make, target, where, is_asked=False):
        self.name, self.make, self.target, self.where, self.is_asked = name, make, target, where, is_asked

    def story(self, times=None, **do):
        target = self.target()
        rule(self.name, self.where(target), times, **do)
        return target


PRODUCTS = [
    Product("account_balance", balance, lambda: f"Balance of {next(_names)}", lambda it: {"remarks": it}, is_asked=True),
    Product("transaction_status", lambda it: status(receipt="UKN4567890", remarks=it), lambda: f"Status of {next(_names)}",
            lambda it: {"remarks": it}, is_asked=True),
    Product("qr_code", qr, lambda: next(_amounts), lambda it: {"amount": it}),
    Product("org_info", organisation, lambda: str(next(_shortcodes)), lambda it: {"phone": it}),
    Product("sim_swap", swap, any_phone, lambda it: {"phone": it}),
    Product("imsi", imsi, any_phone, lambda it: {"phone": it}),
]
