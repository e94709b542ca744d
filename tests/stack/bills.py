"""Bill Manager's commands and Pull's registration: what they say at once is all that there is. A story is told by its reference's amount."""

import itertools

from contract import new_id
from newer import command, day

_amounts = itertools.count(70001)
_references = itertools.count(1)


def next_amount():
    return next(_amounts)


def reference():
    return f"INV-{next(_references)}-{new_id()[:8]}"


def invoice_of(ref=None):
    return {"external_reference": ref or reference(), "billed_full_name": "Jane Doe", "billed_phone_number": "0700000012",
            "billed_period": "August 2026", "invoice_name": "Rent", "due_date": day(30), "account_reference": "A-12"}


def opt_in(**more):
    return command("bill_opt_in", {"email": "shop@example.com", "official_contact": "0700000012", "send_reminders": True, **more})


def invoice(shillings, **more):
    items = [{"item_name": "Rent", "amount_cents": shillings * 100}]
    return command("bill_invoice", {**invoice_of(), "invoice_items": items, **more}, shillings)


def invoices(shillings, count=3):
    # The first one's amount is the story's.
    each = [shillings] + [100] * (count - 1)
    return command("bill_invoices", {"invoices": [{**invoice_of(), "amount_cents": one * 100} for one in each]}, sum(each))


def cancel(*references):
    return command("bill_cancel", {"external_references": list(references) or [reference()]})


def reconcile(shillings):
    return command("bill_reconcile", {"receipt": "UKN4A7QX2M", "payment_date": day(0), "account_reference": "A-12", "phone": "0700000012",
                                      "full_name": "Jane Doe", "invoice_name": "Rent", "external_reference": reference()}, shillings)
