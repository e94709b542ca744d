"""Inquiries: each may be repeated, so that nothing about them is ever in doubt for long; the answer is the result."""

import re

import pytest

from contract import b2c, stk
from inquiries import PRODUCTS, balance, command, imsi, organisation, qr, query, status, swap
from stories import B2C_CALLBACK_LOST, DECLINED, any_phone

BY_NAME = {product.name: product for product in PRODUCTS}
ASKED = [product for product in PRODUCTS if product.is_asked]
ANSWERED = [product for product in PRODUCTS if not product.is_asked]
EVERY = pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.name)
EVERY_ASKED = pytest.mark.parametrize("product", ASKED, ids=lambda product: product.name)


def stories_of(product):
    known = {"status": "Completed"} if product.name == "transaction_status" else {}
    told = {
        "refused": product.story(answer="error", error="invalid_remarks"),
        "not permitted": product.story(answer="error", error="no_product"),
        "throttled": product.story(times=1, answer="spike_arrest"),
        "in trouble once": product.story(times=1, answer="error", error="internal_error"),
        "answer lost once": product.story(times=1, answer="lost_before"),
    }
    if product.is_asked:
        told |= {
            "answer lost, called back": product.story(answer="lost_after", **known),
            "callback lost once": product.story(times=1, callback="lost"),
            "never called back": product.story(callback="none"),
            "doubled": product.story(callback="doubled", **known),
            "callback first": product.story(callback="before_answer", **known),
            "contradictory": product.story(callback="contradictory", **known),
            "lie first": product.story(callback="lie_first", **known),
            "queue once": product.story(times=1, callback="queue_timeout"),
            "garbage once": product.story(times=1, callback="garbage"),
        }
    return told


# Made before the simulator reads its scenario.
STORIES = {product.name: stories_of(product) for product in PRODUCTS}
FAILING_BALANCE = {code: BY_NAME["account_balance"].story(result=code) for code in ("21", "18", "SFC_IC0003")}
DOUBTFUL_BALANCE = BY_NAME["account_balance"].story(times=1, result="7777")
PORTAL_BALANCE = BY_NAME["account_balance"].story(shape="portal")
TILL_BALANCE = BY_NAME["account_balance"].story(shape="minimal")


def send_story(stack, product, name):
    return stack.send(product.make(STORIES[product.name][name]))


def questions(stack, payment, product):
    return [line for line in stack.ledger(kind="question") if line["api"] == product.name and line.get("payment") == payment.replace("-", "")]


def asked(stack, product, target):
    """The questions about a target of its own, for what names no payment on the wire."""
    names = {"qr_code": "shillings"}
    return [line for line in stack.ledger(kind="question")
            if line["api"] == product.name and line.get(names.get(product.name, "phone")) == target]


def assert_answered(stack, product, payment):
    """Status of a receipt that nobody knows is an answer, too."""
    result = stack.await_outcome(payment, "SUCCEEDED", version=1).result
    assert (result.operation, result.final, result.receipt, result.amount_moved_cents) == (product.name, True, "", 0)
    assert result.answer.code
    assert stack.topics.outcomes(payment) == [(0, "ACCEPTED"), (1, "SUCCEEDED")]
    return result


# ---- what they tell

def test_a_balance_has_its_accounts(stack):
    payment = stack.send(balance(PORTAL_BALANCE))
    result = stack.await_outcome(payment, "SUCCEEDED", version=1).result
    accounts = {one.account: one for one in result.balances}
    assert list(accounts) == ["Working Account", "Float Account", "Utility Account", "Charges Paid Account",
                              "Organization Settlement Account"]
    working, charges = accounts["Working Account"], accounts["Charges Paid Account"]
    assert (working.currency, working.current_cents, working.available_cents, working.reserved_cents, working.uncleared_cents) == (
        "KES", 70000000, 69381317, 618683, 0)
    assert charges.current_cents == -154000
    explained = stack.tool("explain", payment)
    assert "answered 0: The service request is processed successfully." in explained
    assert re.search(r"Charges Paid Account\s+KES\s+-1,540\s+available\s+-1,540\s", explained), explained
    assert result.answer.code == "0"
    till = stack.await_outcome(stack.send(balance(TILL_BALANCE)), "SUCCEEDED", version=1).result
    assert [one.account for one in till.balances] == ["Merchant Account"]


def test_a_status_is_asked_by_receipt_by_payment_and_by_conversation(stack):
    paid = stack.send(stk(any_phone(), 120))
    receipt = stack.await_outcome(paid, "SUCCEEDED").result.receipt
    payout = stack.send(b2c(any_phone(), 130))
    told = stack.await_outcome(payout, "SUCCEEDED").result
    for message, shillings, wanted in (({"receipt": receipt}, 120, receipt), ({"payment_id": payout}, 130, told.receipt),
                                       ({"originator_conversation_id": payout.replace("-", "") + "-1"}, 130, told.receipt)):
        result = stack.await_outcome(stack.send(status(**message)), "SUCCEEDED", version=1).result
        assert result.answer.code == "Completed", message
        assert result.details["status"] == "Completed" and result.details["receipt"] == wanted
        assert float(result.details["amount"]) == shillings
        assert result.receipt == "" and result.amount_moved_cents == 0, "it is the other payment's money"
    assert stack.topics.outcomes(payout) == [(0, "ACCEPTED"), (1, "SUCCEEDED")], "a status command settles nothing else"


def test_what_is_not_ours_is_not_asked_about(stack):
    payment = stack.send(status(payment_id="019ac100-0000-7000-8000-00000000ffff"))
    result = stack.await_outcome(payment, "FAILED").result
    assert result.cause.code == "command.payment_id.unknown"
    assert not stack.ledger(payment, "question")


def test_an_unknown_receipt_is_an_answer(stack):
    result = stack.await_outcome(stack.send(status(receipt="UKN0123456")), "SUCCEEDED", version=1).result
    assert result.answer.code == "2033"
    assert "status" not in result.details


def test_a_prompt_is_queried_by_its_payment(stack):
    paid, declined = stack.send(stk(any_phone(), 140)), stack.send(stk(DECLINED, 150))
    stack.await_outcome(paid, "SUCCEEDED")
    stack.await_outcome(declined, "FAILED")
    for payment, code in ((paid, "0"), (declined, "1032")):
        result = stack.await_outcome(stack.send(query(payment_id=payment)), "SUCCEEDED", version=1).result
        assert result.answer.code == code


def test_a_qr_code_is_a_picture(stack):
    result = stack.await_outcome(stack.send(qr(250)), "SUCCEEDED", version=1).result
    assert result.qr_png.startswith(b"\x89PNG\r\n\x1a\n") and result.qr_png.endswith(b"IEND\xaeB`\x82")
    assert stack.await_outcome(stack.send(qr(0, kind="BUY_GOODS", size_px=400)), "SUCCEEDED", version=1).result.qr_png


def test_an_organisation_has_a_name(stack):
    result = stack.await_outcome(stack.send(organisation("600999", "TILL")), "SUCCEEDED", version=1).result
    assert result.details["organization_name"] == "MKONDO TEST 600999"


def test_a_sim_has_a_date(stack):
    phone = any_phone()
    changed = stack.await_outcome(stack.send(swap(phone)), "SUCCEEDED", version=1).result
    assert changed.details["last_swap_date"] in ("21-06-2026 15:04", "01-01-1900 00:00")
    known = stack.await_outcome(stack.send(imsi(phone)), "SUCCEEDED", version=1).result
    assert known.details["imsi"] == "b7a3f9c25d18e640" and known.details["last_swap_date"] == "2026-06-21"
    assert "customer_number" not in known.details


# ---- how they can end

@EVERY
@pytest.mark.parametrize("name", ["refused", "not permitted"])
def test_a_refusal_is_final(stack, product, name):
    payment = send_story(stack, product, name)
    result = stack.await_outcome(payment, "FAILED").result
    assert result.cause.code.startswith("daraja.4") and result.cause.advice
    assert stack.topics.outcomes(payment) == [(0, "ACCEPTED"), (1, "FAILED")]


@EVERY
@pytest.mark.parametrize("name", ["throttled", "in trouble once", "answer lost once"])
def test_what_could_not_be_told_is_asked_again(stack, product, name):
    assert_answered(stack, product, send_story(stack, product, name))


@EVERY_ASKED
@pytest.mark.parametrize("name", ["answer lost, called back", "doubled", "callback first", "contradictory", "lie first"])
def test_one_callback_is_enough_and_two_are_not_too_many(stack, product, name):
    payment = send_story(stack, product, name)
    assert_answered(stack, product, payment)
    stack.await_settled(payment)
    assert stack.topics.outcomes(payment) == [(0, "ACCEPTED"), (1, "SUCCEEDED")]


@EVERY_ASKED
@pytest.mark.parametrize("name", ["callback lost once", "queue once", "garbage once"])
def test_a_callback_that_does_not_come_or_says_nothing_is_asked_for_again(stack, product, name):
    payment = send_story(stack, product, name)
    assert_answered(stack, product, payment)
    assert len(questions(stack, payment, product)) == 2


@EVERY_ASKED
def test_what_is_never_called_back_is_told_as_unanswered(stack, product):
    payment = send_story(stack, product, "never called back")
    result = stack.await_outcome(payment, "UNRESOLVED", seconds=30).result
    assert result.cause.code == "unresolved.horizon"
    asked_so_far = len(questions(stack, payment, product))
    assert asked_so_far > 2
    stack.await_settled(payment)
    assert len(questions(stack, payment, product)) == asked_so_far, "nobody is asked for ever"


@pytest.mark.parametrize("code", FAILING_BALANCE)
def test_a_result_that_refuses_ends_it(stack, code):
    payment = stack.send(balance(FAILING_BALANCE[code]))
    result = stack.await_outcome(payment, "FAILED").result
    assert result.cause.code == f"balance.{code}" and not result.balances


def test_a_code_that_nobody_has_listed_ends_nothing(stack):
    payment = stack.send(balance(DOUBTFUL_BALANCE))
    assert_answered(stack, BY_NAME["account_balance"], payment)
    assert len(questions(stack, payment, BY_NAME["account_balance"])) == 2


@pytest.mark.parametrize("message,field", [
    (command("transaction_status", {}), "transaction_status"),
    (command("transaction_status", {"receipt": "UKN4567890", "payment_id": "019ac100-0000-7000-8000-00000000ffff"}), "transaction_status"),
    (command("org_info", {"identifier": "12"}), "org_info.identifier"),
    (command("sim_swap", {"phone": "12"}), "sim_swap.phone"),
    (command("qr_code", {"merchant_name": "", "reference": "A"}), "qr_code.merchant_name"),
    (command("qr_code", {"merchant_name": "A", "reference": "A", "size_px": 99}), "qr_code.size_px"),
    (command("account_balance", {}, amount_cents=100), "amount_cents"),
])
def test_a_command_that_cannot_be_sent_names_its_field(stack, message, field):
    payment = stack.send(message)
    cause = stack.await_outcome(payment, "REJECTED").result.cause
    assert cause.field.startswith(field) and cause.text and cause.advice, cause
