"""The business pays another business."""

import pytest

from transfers import amount_for, any_amount, b2b

CHARGED = amount_for("b2b", shape="portal")


@pytest.mark.parametrize("kind", ["PAY_BILL", "BUY_GOODS", "PAY_TO_BULK"])
def test_a_business_is_paid(stack, kind):
    shillings = any_amount()
    payment = stack.send(b2b(shillings, kind, b2b={"occasion": "2026-11", "requester": "0700000012"}))
    result = stack.await_outcome(payment, "SUCCEEDED").result
    execution, = stack.executions(payment)
    assert (result.operation, result.version, result.final) == ("b2b", 1, True)
    assert result.receipt == execution["receipt"]
    assert (result.amount_cents, result.amount_moved_cents) == (shillings * 100, shillings * 100)
    assert (execution["phone"], execution["shillings"]) == ("600584", shillings)
    assert result.provider.originator_conversation_id == execution["originator"]
    assert result.provider.conversation_id == execution["conversation"]
    assert result.party == "600584", "a shortcode is nobody's secret"
    assert stack.topics.outcomes(payment) == [(0, "ACCEPTED"), (1, "SUCCEEDED")]
    assert " KES to " in stack.tool("explain", payment).splitlines()[0]


def test_what_mpesa_charges_is_told_beside(stack):
    payment = stack.send(b2b(CHARGED))
    result = stack.await_outcome(payment, "SUCCEEDED").result
    assert [(charge.name, charge.currency, charge.cents) for charge in result.charges] == [("Business Pay Bill Charge", "KES", 7700)]
    assert result.amount_moved_cents == CHARGED * 100, "the charge is no part of it"


def test_older_names_are_refused_where_the_account_does_not_allow_them(stack):
    for kind in "BUSINESS_PAYMENT", "DISBURSE_FUNDS_TO_BUSINESS", "TRANSFER_FROM_MMF_TO_UTILITY":
        payment = stack.send(b2b(any_amount(), kind))
        result = stack.await_outcome(payment, "REJECTED").result
        assert (result.cause.code, result.cause.field) == ("command.kind.not_allowed", "b2b.kind")
        assert stack.ledger(payment) == []


@pytest.mark.parametrize("kind", ["BUSINESS_PAYMENT", "DISBURSE_FUNDS_TO_BUSINESS", "MERCHANT_TO_MERCHANT_TRANSFER", "TRANSFER_FROM_MMF_TO_UTILITY"])
def test_older_names_are_sent_where_the_account_allows_them(stack, kind):
    payment = stack.send(b2b(any_amount(), kind, account="older"))
    result = stack.await_outcome(payment, "SUCCEEDED").result
    assert result.receipt == stack.executions(payment)[0]["receipt"]
