"""Commands that send money to businesses and pochis, and back to customers. A story is told by its amount, since tax has but
one receiver: each has one of its own."""

import itertools

from contract import b2c, in_ms, new_id, stk
from stories import any_phone, story

_amounts = itertools.count(20001)


def amount_for(api, times=None, **do):
    """Shillings whose requests end like this; a rule with `times` goes before the others, and when it is used up all is well."""
    shillings = next(_amounts)
    if do:
        story(api=api, amount=shillings, do=do, **({"times": times} if times else {}))
    return shillings


def any_amount():
    return next(_amounts)


def command(shillings, operation, message, **fields):
    return {"id": new_id(), "tenant": "shop", "amount_cents": shillings * 100, "valid_until_ms": in_ms(600), **fields, operation: message}


def b2b(shillings, kind="PAY_BILL", **more):
    reference = {"account_reference": "INV-77"} if kind == "PAY_BILL" else {}
    message = {"kind": kind, "receiver": "600584", "remarks": "Flour", **reference, **more.pop("b2b", {})}
    return command(shillings, "b2b", message, **more)


def tax(shillings, **more):
    return command(shillings, "tax_remittance", {"registration_number": "PRN1234XN", "remarks": "VAT October"}, **more)


def pochi(shillings, **more):
    return command(shillings, "b2pochi", {"phone": any_phone(), "remarks": "Vegetables"}, **more)


def reversal(shillings, receipt="", payment="", **more):
    """Of a receipt, or of a payment of ours."""
    message = {"remarks": "Sent twice", **({"receipt": receipt} if receipt else {"payment_id": payment})}
    return command(shillings, "reversal", message, **more)


def paid_prompt(stack, shillings):
    """What can be reversed: its id and receipt."""
    payment = stack.send(stk(any_phone(), shillings))
    return payment, stack.await_outcome(payment, "SUCCEEDED").result.receipt


def reversal_of_a_payment(stack, shillings):
    return reversal(shillings, receipt=paid_prompt(stack, shillings)[1])


class Product:
    def __init__(self, name, make, family, operation=None, has_key=False):
        self.name, self.api = name, operation or name
        self.make, self.family, self.operation, self.has_key = make, family, operation or name, has_key


PRODUCTS = [Product("b2b", lambda stack, shillings: b2b(shillings), "b2b"),
            Product("tax_remittance", lambda stack, shillings: tax(shillings), "b2b"),
            Product("b2pochi", lambda stack, shillings: pochi(shillings), "b2c", has_key=True),
            Product("b2c_v1", lambda stack, shillings: b2c(any_phone(), shillings, account="older"), "b2c", operation="b2c"),
            Product("reversal", reversal_of_a_payment, "reversal")]
