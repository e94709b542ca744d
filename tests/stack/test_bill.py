"""Bill Manager: the answer is the outcome. What is not answered may have been done, is not sent again, and ends UNRESOLVED."""

import pytest

from bills import cancel, invoice, invoices, next_amount, opt_in, reconcile
from mkondo_stack import BILL_APP_KEY
from stories import story

WITH_AMOUNT = {"bill_invoice": invoice, "bill_invoices": invoices, "bill_reconcile": reconcile}
MAKE = {"bill_opt_in": lambda _: opt_in(), **WITH_AMOUNT, "bill_cancel": lambda _: cancel()}


def told(api, times=None, **do):
    shillings = next_amount()
    story(api=api, amount=shillings, do=do, **({"times": times} if times else {}))
    return shillings


STORIES = {api: {"bad field": told(api, answer="error", error="invalid_remarks"),
                 "throttled": told(api, times=1, answer="spike_arrest"),
                 "not enabled": told(api, answer="error", error="no_product"),
                 "answer lost": told(api, answer="lost_after"),
                 "truncated": told(api, answer="truncated"),
                 "core fault": told(api, answer="error", error="system_error")} for api in WITH_AMOUNT}
EVERY = pytest.mark.parametrize("api", MAKE)
EVERY_WITH_AMOUNT = pytest.mark.parametrize("api", WITH_AMOUNT)


def asked(stack, api, shillings):
    return [line for line in stack.ledger(kind="question") if line["api"] == api and line.get("shillings") == shillings]


@EVERY
def test_it_is_done_and_moves_no_money(stack, api):
    payment = stack.send(MAKE[api](next_amount()))
    result = stack.await_outcome(payment, "SUCCEEDED", version=1).result
    assert (result.operation, result.final, result.receipt, result.amount_moved_cents) == (api, True, "", 0)
    assert result.answer.code == "200"
    assert stack.topics.outcomes(payment) == [(0, "ACCEPTED"), (1, "SUCCEEDED")]


def test_the_key_of_an_opt_in_is_told_and_a_change_has_none(stack):
    first = stack.await_outcome(stack.send(opt_in()), "SUCCEEDED").result
    assert dict(first.details) == {"app_key": "AG_2376487236_126732989KJ"}
    changed = stack.await_outcome(stack.send(opt_in(change=True)), "SUCCEEDED").result
    assert dict(changed.details) == {}


def test_the_key_goes_with_the_calls_of_an_account_that_tells_it(stack):
    """An account without one sends none, and a wrong one is refused by the simulator."""
    for account, key in (("older", BILL_APP_KEY), ("default", None)):
        shillings = next_amount()
        payment = stack.send({**invoice(shillings), "account": account})
        stack.await_outcome(payment, "SUCCEEDED")
        line, = asked(stack, "bill_invoice", shillings)
        assert line.get("app_key") == key


def test_a_paid_invoice_cannot_be_withdrawn(stack):
    result = stack.await_outcome(stack.send(cancel("INV-9", "PAID-7")), "FAILED").result
    assert (result.version, result.cause.code) == (1, "daraja.409")
    assert result.cause.text and result.cause.advice


@EVERY_WITH_AMOUNT
def test_what_the_gateway_refuses_is_failed(stack, api):
    for name, code in {"bad field": "daraja.400.002.02", "not enabled": "daraja.401.003.01"}.items():
        shillings = STORIES[api][name]
        result = stack.await_outcome(stack.send(MAKE[api](shillings)), "FAILED").result
        assert result.cause.code == code and len(asked(stack, api, shillings)) == 1


@EVERY_WITH_AMOUNT
def test_what_is_throttled_is_sent_again(stack, api):
    shillings = STORIES[api]["throttled"]
    stack.await_outcome(stack.send(MAKE[api](shillings)), "SUCCEEDED", version=1)
    assert len(asked(stack, api, shillings)) == 2


@EVERY_WITH_AMOUNT
@pytest.mark.parametrize("name", ["answer lost", "truncated", "core fault"])
def test_what_was_not_answered_is_not_sent_again(stack, api, name):
    shillings = STORIES[api][name]
    payment = stack.send(MAKE[api](shillings))
    stack.await_state(payment, "UNKNOWN")
    stack.end_the_day_of(payment)
    result = stack.await_outcome(payment, "UNRESOLVED", version=1).result
    assert not result.final and len(asked(stack, api, shillings)) == 1


def test_a_sum_that_does_not_fit_is_rejected(stack):
    wrong = invoices(next_amount())
    wrong["amount_cents"] += 100
    assert stack.await_outcome(stack.send(wrong), "REJECTED").result.cause.code == "command.amount.sum"
