"""Business payments, tax, pochi payouts and reversals: each goes through the same stories as prompts and payouts do."""

import pytest

from mkondo_stack import eventually
from transfers import PRODUCTS, amount_for

pytestmark = pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.name)


# What the dictionary calls a certain no, one code of each kind; `code: class`.
REFUSED = {"b2b": {"1": "funds", "3": "limit", "2007": "customer", "21": "config", "26": "provider", "SFC_IC0003": "config"},
           "b2c": {"1": "funds", "8": "limit", "2040": "customer", "TP40153": "config", "26": "provider"},
           "reversal": {"1": "funds", "R000002": "customer", "21": "config"}}
DOUBTFUL = {"b2b": ["15", "17", "7777"], "b2c": ["15", "17", "7777"], "reversal": ["R000001", "15", "7777"]}


def stories_of(product):
    # A reversal's success tells nothing more in one of the shapes: test_reversal.py has that.
    shape = {"shape": "shuffled"} if product.name == "reversal" else {}

    def told(**do):
        return amount_for(product.api, **shape, **do)

    return {
        "paid": told(),
        "refused": {code: told(result=code) for code in REFUSED[product.family]},
        "doubtful, paid": {code: told(result=code, executed=True) for code in DOUBTFUL[product.family]},
        "doubtful, not paid": {code: told(result=code) for code in DOUBTFUL[product.family]},
        "bad field": told(answer="error", error="invalid_remarks"),
        "token": amount_for(product.api, times=1, answer="invalid_token"),
        "not enabled": told(answer="error", error="no_product"),
        "known id": told(answer="error", error="duplicate_id", executed=True, callback="lost"),
        "core fault": told(answer="error", error="system_error", executed=True, callback_after_ms=20000),
        "throttled": amount_for(product.api, times=1, answer="spike_arrest"),
        "answer lost, called back": told(answer="lost_after", callback_after_ms=20000),
        "another code, taken": told(answer="refused200", error="core_error", executed=True, callback_after_ms=20000),
        "all empty, taken": told(answer="empty_fields", callback_after_ms=20000),
        "lost": told(answer="lost_after", callback="lost"),
        "callback lost": told(callback="lost"),
        "callback first": told(callback="before_answer"),
        "doubled": told(callback="doubled"),
        "queue": told(callback="queue_timeout"),
        "queue, paid": told(callback="queue_timeout", executed=True),
        "contradictory": told(callback="contradictory"),
        "lie first": told(callback="lie_first"),
        "wrong amount": told(callback="wrong_amount"),
        "second receipt": told(callback="second_receipt"),
        "no amount": told(callback="no_amount"),
        "no receipt": told(callback="no_receipt"),
    }


# Made before the simulator reads its scenario.
STORIES = {product.name: stories_of(product) for product in PRODUCTS}


def send(stack, product, shillings):
    return stack.send(product.make(stack, shillings))


def send_story(stack, product, *names):
    shillings = STORIES[product.name]
    for name in names:
        shillings = shillings[name]
    return send(stack, product, shillings)


def assert_paid_once(stack, product, payment, version=1):
    result = stack.await_outcome(payment, "SUCCEEDED", version=version).result
    execution, = stack.executions(payment)
    assert (result.operation, result.final, result.receipt) == (product.operation, True, execution["receipt"])
    assert result.amount_moved_cents == result.amount_cents == execution["shillings"] * 100
    assert stack.topics.outcomes(payment) == [(0, "ACCEPTED"), (version, "SUCCEEDED")]
    return result


def asked_by(stack, payment):
    return {line["key"] for line in stack.ledger(payment, "question")}


def key_of(stack, product, payment):
    """The OriginatorConversationID: ours where there is one, the gateway's where not."""
    if product.has_key:
        return payment.replace("-", "") + "-1"
    return stack.ledger(payment, "accepted")[0]["originator"]


def test_it_is_paid_once_and_its_result_says_so(stack, product):
    payment = send_story(stack, product, "paid")
    result = assert_paid_once(stack, product, payment)
    assert result.provider.originator_conversation_id == key_of(stack, product, payment)
    assert result.provider.conversation_id == stack.executions(payment)[0]["conversation"]
    assert len(stack.requests(payment)) == 1


def test_a_certain_no_of_the_result_is_failed(stack, product):
    payments = {code: send_story(stack, product, "refused", code) for code in REFUSED[product.family]}
    for code, payment in payments.items():
        result = stack.await_outcome(payment, "FAILED").result
        assert (result.version, result.final, result.receipt) == (1, True, "")
        assert (result.cause.code, getattr(result.cause, "class")) == (f"{product.family}.{code}", REFUSED[product.family][code])
        assert result.cause.text and result.cause.advice
        assert stack.executions(payment) == [] and len(stack.requests(payment)) == 1


def test_a_field_that_the_gateway_refuses_is_failed(stack, product):
    payment = send_story(stack, product, "bad field")
    result = stack.await_outcome(payment, "FAILED").result
    assert (result.version, result.cause.code) == (1, "daraja.400.002.02")
    assert stack.executions(payment) == [] and len(stack.requests(payment)) == 1


def test_what_is_throttled_is_sent_again_and_paid_once(stack, product):
    payment = send_story(stack, product, "throttled")
    assert_paid_once(stack, product, payment)
    assert len(stack.requests(payment)) == 2


def test_a_token_that_was_refused_is_made_new(stack, product):
    payment = send_story(stack, product, "token")
    assert_paid_once(stack, product, payment)
    assert len(stack.ledger(payment, "request")) >= 2 and len(stack.requests(payment)) == 1


def test_an_app_without_the_product_fails_and_stops_the_lane_for_a_moment(stack, product):
    payment = send_story(stack, product, "not enabled")
    result = stack.await_outcome(payment, "FAILED").result
    assert (result.cause.code, getattr(result.cause, "class")) == ("daraja.401.003.01", "config")
    assert stack.executions(payment) == [] and len(stack.requests(payment)) == 1
    # The lane's probe is answered, and it goes on.
    assert_paid_once(stack, product, send(stack, product, amount_for(product.api)))


def test_a_known_id_and_a_fault_of_the_core_are_no_refusals(stack, product):
    """One code for both, and either may have been executed; of an id that is not ours nobody can ask."""
    payment = send_story(stack, product, "known id" if product.has_key else "core fault")
    assert_paid_once(stack, product, payment)
    assert len(stack.requests(payment)) == 1 and "NO_WORD" in stack.journal(payment)


def test_a_code_that_proves_nothing_is_asked_about(stack, product):
    """Paid or not: what counts is what M-PESA says when it is asked."""
    paid = {code: send_story(stack, product, "doubtful, paid", code) for code in DOUBTFUL[product.family]}
    unpaid = [send_story(stack, product, "doubtful, not paid", code) for code in DOUBTFUL[product.family]]
    for payment in paid.values():
        assert_paid_once(stack, product, payment)
        assert asked_by(stack, payment) == {key_of(stack, product, payment)}
    for payment in unpaid:
        result = stack.await_outcome(payment, "FAILED", version=1).result
        assert result.cause.code == "status.Declined"
        assert asked_by(stack, payment) == {key_of(stack, product, payment)} and stack.executions(payment) == []


@pytest.mark.parametrize("story", ["answer lost, called back", "another code, taken", "all empty, taken"])
def test_after_silence_or_nonsense_it_is_not_sent_again(stack, product, story):
    """The result settles it; only a key of ours could have been asked by."""
    payment = send_story(stack, product, story)
    assert_paid_once(stack, product, payment)
    assert len(stack.requests(payment)) == 1
    assert "NO_WORD" in stack.journal(payment)
    if not product.has_key:
        assert asked_by(stack, payment) == set()


def test_when_answer_and_callback_are_lost_only_a_key_of_ours_finds_it(stack, product):
    payment = send_story(stack, product, "lost")
    if product.has_key:
        assert_paid_once(stack, product, payment)
        assert asked_by(stack, payment) == {key_of(stack, product, payment)}
        return
    stack.await_state(payment, "UNKNOWN")
    eventually("it was executed", lambda: stack.executions(payment))
    stack.end_the_day_of(payment)
    result = stack.await_outcome(payment, "UNRESOLVED", version=1).result
    assert not result.final
    assert len(stack.requests(payment)) == 1 and asked_by(stack, payment) == set()
    # Weeks later the result comes all the same.
    stack.call_back(payment)
    result = stack.await_outcome(payment, "SUCCEEDED", version=2).result
    assert result.receipt == stack.executions(payment)[0]["receipt"]


def test_a_lost_callback_is_found_by_asking(stack, product):
    payment = send_story(stack, product, "callback lost")
    assert_paid_once(stack, product, payment)
    assert asked_by(stack, payment) == {key_of(stack, product, payment)}


def test_a_callback_may_come_before_the_answer(stack, product):
    payment = send_story(stack, product, "callback first")
    assert_paid_once(stack, product, payment)
    eventually("the ids of the answer are kept",
               lambda: stack.sql("select originator_id from payment_state where id = %s", payment) == [(key_of(stack, product, payment),)])


def test_a_callback_that_comes_twice_counts_once(stack, product):
    payment = send_story(stack, product, "doubled")
    assert_paid_once(stack, product, payment)
    stack.topics.wait("both callbacks", lambda: stack.topics.callbacks[payment] >= 2)
    stack.call_back(payment, "contradict")  # one that comes behind them shows that they were judged
    stack.await_outcome(payment, "CONFLICT", version=2)


def test_a_queue_timeout_proves_nothing(stack, product):
    """M-PESA had it never, or executed it all the same."""
    paid, unpaid = send_story(stack, product, "queue, paid"), send_story(stack, product, "queue")
    assert_paid_once(stack, product, paid)
    assert asked_by(stack, paid) == {key_of(stack, product, paid)}
    eventually("it was asked about", lambda: "NOT_FOUND" in stack.journal(unpaid) or stack.ledger(unpaid, "question"))
    assert stack.state(unpaid) == "PENDING" and stack.topics.outcomes(unpaid) == [(0, "ACCEPTED")]
    stack.end_the_day_of(unpaid)
    assert not stack.await_outcome(unpaid, "UNRESOLVED", version=1).result.final
    assert stack.executions(unpaid) == [] and len(stack.requests(unpaid)) == 1
    # A certain no comes late.
    stack.call_back(unpaid, "contradict")
    assert stack.await_outcome(unpaid, "FAILED", version=2).result.final


@pytest.mark.parametrize("story", ["contradictory", "lie first"])
def test_evidence_that_contradicts_itself_is_for_a_person(stack, product, story):
    payment = send_story(stack, product, story)
    result = stack.await_outcome(payment, "CONFLICT", version=2).result
    assert not result.final and result.cause.code.startswith("conflict.")
    assert stack.state(payment) == "CONFLICT"


def test_another_amount_is_a_conflict(stack, product):
    payment = send_story(stack, product, "wrong amount")
    assert stack.await_outcome(payment, "CONFLICT", version=1).result.cause.code == "conflict.amount"


def test_a_second_receipt_is_a_conflict(stack, product):
    payment = send_story(stack, product, "second receipt")
    assert stack.await_outcome(payment, "CONFLICT", version=2).result.cause.code == "conflict.second_receipt"


def test_a_success_without_an_amount_is_asked_about(stack, product):
    payment = send_story(stack, product, "no amount")
    assert_paid_once(stack, product, payment)
    assert asked_by(stack, payment) == {key_of(stack, product, payment)}


def test_a_success_without_a_receipt_is_a_success(stack, product):
    """Its receipt is learned when somebody tells it."""
    payment = send_story(stack, product, "no receipt")
    assert stack.await_outcome(payment, "SUCCEEDED", version=1).result.final
    stack.call_back(payment)
    eventually("the receipt is known", lambda: stack.sql("select receipt from payment_state where id = %s", payment)
               == [(stack.executions(payment)[0]["receipt"],)])


def test_the_same_command_again_pays_nothing(stack, product):
    command = product.make(stack, amount_for(product.api))
    payment = stack.send(command)
    first = stack.await_outcome(payment, "SUCCEEDED")
    count = stack.await_settled(payment)
    stack.send(command)
    again = stack.topics.wait("the result again", lambda: len(stack.topics.results[payment]) > count and stack.topics.results[payment][-1])
    assert again.same_bytes(first) and len(stack.requests(payment)) == 1
