"""Commands of the products that came later. A story is told by its amount."""

import datetime
import itertools

from contract import in_ms, new_id
from stories import any_phone, story

_amounts = itertools.count(50001)


def amount_for(api, times=None, **do):
    shillings = next(_amounts)
    story(api=api, amount=shillings, do=do, **({"times": times} if times else {}))
    return shillings


def any_amount():
    return next(_amounts)


def command(operation, message, shillings=0, seconds=600, **fields):
    return {"id": new_id(), "tenant": "shop", "amount_cents": shillings * 100, "valid_until_ms": in_ms(seconds), **fields, operation: message}


def day(ahead):
    return (datetime.date.today() + datetime.timedelta(days=ahead)).isoformat()


def express(shillings, **more):
    return command("b2b_express", {"payer_till": "600584", "reference": "INV 77", "partner_name": "Mkondo Test", **more}, shillings, seconds=60)


def order(shillings, **more):
    message = {"name": f"Rent {shillings}", "phone": any_phone(), "account_reference": "A-12", "description": "Rent", "start_date": day(1),
               "end_date": day(365), "frequency": "MONTHLY", **more}
    return command("standing_order", message, shillings)


class Product:
    def __init__(self, name, make, moves_money):
        self.name, self.make, self.moves_money = name, make, moves_money


PRODUCTS = [Product("b2b_express", express, True), Product("standing_order", order, False)]
