"""B2B express and standing orders: there is nothing to ask them by, so that silence ends as it is, neither paid nor failed."""

import pytest

from mkondo_stack import eventually
from newer import PRODUCTS, amount_for, any_amount, day, order

EVERY = pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.name)
REFUSED = {"b2b_express": ["4001", "4102", "4104"], "standing_order": ["1032", "1051", "2001"]}
DOUBTFUL = {"b2b_express": ["4201", "4203", "7777"], "standing_order": ["1050", "7777"]}


def stories_of(product):
    def told(**do):
        return amount_for(product.name, **do)

    return {
        "refused": {code: told(result=code) for code in REFUSED[product.name]},
        "doubtful": {code: told(result=code) for code in DOUBTFUL[product.name]},
        "bad field": told(answer="error", error="invalid_remarks"),
        "throttled": amount_for(product.name, times=1, answer="spike_arrest"),
        "callback lost": told(callback="lost"),
        "callback first": told(callback="before_answer"),
        "doubled": told(callback="doubled"),
        "answer lost": told(answer="lost_after", callback_after_ms=20000),
        "all lost": told(answer="lost_after", callback="lost"),
        "contradictory": told(callback="contradictory"),
        "garbage": told(callback="garbage"),
    }


STORIES = {product.name: stories_of(product) for product in PRODUCTS}
WRONG_AMOUNT = amount_for("b2b_express", callback="wrong_amount")
NO_AMOUNT = amount_for("b2b_express", callback="no_amount")


def send(stack, product, *names):
    shillings = STORIES[product.name]
    for name in names:
        shillings = shillings[name]
    return stack.send(product.make(shillings))


def assert_done(stack, product, payment, version=1):
    result = stack.await_outcome(payment, "SUCCEEDED", version=version).result
    execution, = stack.executions(payment)
    assert (result.operation, result.final) == (product.name, True)
    if product.moves_money:
        assert result.receipt == execution["receipt"]
        assert result.amount_moved_cents == result.amount_cents == execution["shillings"] * 100
    else:
        assert (result.receipt, result.amount_moved_cents) == ("", 0), "an order is no payment"
        assert result.details["order_transaction_id"] == execution["receipt"]
    return result


@EVERY
def test_it_is_done(stack, product):
    payment = stack.send(product.make(any_amount()))
    assert_done(stack, product, payment)
    assert stack.topics.outcomes(payment) == [(0, "ACCEPTED"), (1, "SUCCEEDED")]


@EVERY
def test_what_is_refused_is_failed_with_its_reason(stack, product):
    family = {"b2b_express": "ussd", "standing_order": "ratiba"}[product.name]
    sent = {code: send(stack, product, "refused", code) for code in REFUSED[product.name]}
    for code, payment in sent.items():
        result = stack.await_outcome(payment, "FAILED").result
        assert result.cause.code == f"{family}.{code}" and result.cause.advice
        assert not stack.executions(payment)


@EVERY
def test_a_code_of_doubt_fails_nothing(stack, product):
    for code in DOUBTFUL[product.name]:
        payment = send(stack, product, "doubtful", code)
        eventually("its callback was heard of", lambda: "HEARSAY" in stack.journal(payment))
        assert stack.state(payment) == "PENDING"


@EVERY
def test_a_refusal_at_the_gate_is_final(stack, product):
    payment = send(stack, product, "bad field")
    assert stack.await_outcome(payment, "FAILED").result.cause.code == "daraja.400.002.02"
    assert len(stack.requests(payment)) == 1


@EVERY
@pytest.mark.parametrize("name", ["throttled", "callback first", "doubled", "answer lost"])
def test_it_is_done_once_whatever_happens_on_the_way(stack, product, name):
    payment = send(stack, product, name)
    assert_done(stack, product, payment)
    stack.await_settled(payment)
    assert stack.topics.outcomes(payment)[-1] == (1, "SUCCEEDED")


@EVERY
@pytest.mark.parametrize("name", ["callback lost", "all lost"])
def test_silence_is_never_a_reason_to_send_again(stack, product, name):
    payment = send(stack, product, name)
    eventually("it went in", lambda: stack.executions(payment))
    stack.end_the_day_of(payment)
    result = stack.await_outcome(payment, "UNRESOLVED", seconds=30).result
    assert result.cause.code == "unresolved.horizon"
    assert len(stack.requests(payment)) == 1
    stack.call_back(payment)
    assert_done(stack, product, payment, version=2)


@EVERY
def test_what_contradicts_itself_is_for_a_person(stack, product):
    payment = send(stack, product, "contradictory")
    result = stack.await_outcome(payment, "CONFLICT").result
    assert result.version == 2


@EVERY
def test_what_cannot_be_read_settles_nothing(stack, product):
    payment = send(stack, product, "garbage")
    eventually("its callback was heard of", lambda: "HEARSAY" in stack.journal(payment))
    stack.call_back(payment)
    assert_done(stack, product, payment)


def test_another_amount_is_a_contradiction(stack):
    express, _ = PRODUCTS
    payment = stack.send(express.make(WRONG_AMOUNT))
    assert stack.await_outcome(payment, "CONFLICT").result.cause.code == "conflict.amount"
    untold = stack.send(express.make(NO_AMOUNT))
    eventually("its callback was heard of", lambda: "HEARSAY_PAID" in stack.journal(untold))
    assert stack.state(untold) == "PENDING", "how much moved is not known, and nobody can be asked"


@pytest.mark.parametrize("more,field", [({"end_date": day(-3)}, "standing_order.end_date"), ({"start_date": "tomorrow"}, "standing_order.start_date"),
                                        ({"kind": "BUY_GOODS"}, "standing_order.till"), ({"description": "Much too long a text"}, "standing_order.description")])
def test_an_order_that_cannot_be_is_rejected(stack, more, field):
    payment = stack.send(order(any_amount(), **more))
    assert stack.await_outcome(payment, "REJECTED").result.cause.field == field
