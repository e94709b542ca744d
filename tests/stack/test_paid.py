"""Money moves once, and the result says so."""

from contract import JSON, PROTOBUF, b2c, stk
from stories import any_phone


def assert_paid_once(stack, payment, shillings):
    record = stack.await_outcome(payment, "SUCCEEDED")
    executions = stack.executions(payment)
    assert len(executions) == 1
    result = record.result
    assert (result.version, result.final, result.receipt) == (1, True, executions[0]["receipt"])
    assert (result.amount_cents, result.amount_moved_cents) == (shillings * 100, shillings * 100)
    assert stack.topics.outcomes(payment) == [(0, "ACCEPTED"), (1, "SUCCEEDED")]
    return result


def test_a_customer_pays(stack):
    payment = stack.send(stk(any_phone(), 350))
    result = assert_paid_once(stack, payment, 350)
    assert result.provider.checkout_request_id == stack.executions(payment)[0]["checkout"]
    assert stack.state(payment) == "SUCCEEDED"


def test_the_business_pays(stack):
    payment = stack.send(b2c(any_phone(), 2000), JSON)
    result = assert_paid_once(stack, payment, 2000)
    assert result.provider.originator_conversation_id == payment.replace("-", "") + "-1"


def test_fifty_payments_at_once_are_paid_once_each(stack):
    payments = {stack.send((stk if i % 2 else b2c)(any_phone(), 100 + i), (JSON, PROTOBUF)[i % 3 == 0]): 100 + i for i in range(50)}
    for payment, shillings in payments.items():
        stack.await_outcome(payment, "SUCCEEDED")
        assert [line["shillings"] for line in stack.executions(payment)] == [shillings]
