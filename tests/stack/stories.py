"""What happens to whom: each story has a phone of its own, and the simulator's scenario is made of them. Times are at time
scale 1."""

import itertools

_phones = itertools.count(1)
_rules = []


def phone_for(api, **do):
    """A phone whose requests end like this."""
    phone = f"2547{next(_phones):08d}"
    _rules.append({"api": api, "phone": phone, "do": do})
    return phone


def story(**rule):
    """A rule of the simulator for all that it names."""
    _rules.append(rule)


def any_phone():
    """A phone without a story: its owner pays."""
    return f"2547{next(_phones):08d}"


# The query says "being processed" for ever: what is found out is found out by a callback.
SILENT = {"query": "pending", "pending_for_ms": 10**9}

UNRESOLVED_PHONE = phone_for("stk_push", callback="none", **SILENT)
DECLINED = phone_for("stk_push", result=1032)
B2C_DECLINED = phone_for("b2c", result=1)
STK_CALLBACK_LOST = phone_for("stk_push", callback="lost")
B2C_CALLBACK_LOST = phone_for("b2c", callback="lost")
STK_ANSWER_LOST = phone_for("stk_push", answer="lost_after", callback_after_ms=20000)
B2C_ANSWER_LOST = phone_for("b2c", answer="lost_after", callback="lost")
DUPLICATE = phone_for("b2c", answer="error", error="duplicate_id", executed=True, callback="lost")
STK_CALLBACK_FIRST = phone_for("stk_push", callback="before_answer")
B2C_CALLBACK_FIRST = phone_for("b2c", callback="before_answer")
CONTRADICTORY = phone_for("stk_push", callback="contradictory")
B2C_PAID_THEN_CONTRADICTED = phone_for("b2c", callback="sent")
WRONG_AMOUNT = phone_for("stk_push", callback="wrong_amount", **SILENT)
B2C_WRONG_AMOUNT = phone_for("b2c", callback="wrong_amount")
FORGED = phone_for("stk_push", callback="none", **SILENT)
FORGED_OTHER = phone_for("stk_push", callback="none", **SILENT)
UNLISTED = phone_for("stk_push", callback="none")
# Told as C2B, too: the prompt's callback comes when a test sends it.
NOTICED_FIRST = phone_for("stk_push", callback="none", **SILENT)
NOTICED_AFTERWARDS = phone_for("stk_push")

# Once the app's quota is used up, and then it is not.
QUOTA = phone_for("b2c")
_rules.insert(0, {"api": "b2c", "phone": QUOTA, "times": 1, "do": {"answer": "quota"}})
# Three times in a row: each try but the first needs a token of the retry budget.
THROTTLED = phone_for("b2c")
_rules.insert(0, {"api": "b2c", "phone": THROTTLED, "times": 3, "do": {"answer": "spike_arrest"}})

# Of the pushes of this amount every fifth is read, and its connection closed without a byte; nothing goes in.
CLOSED_SHILLINGS, CLOSED_EVERY = 7777, 5
_rules.append({"api": "stk_push", "amount": CLOSED_SHILLINGS, "nth": {"every": CLOSED_EVERY},
               "do": {"answer": "close_after_read"}})

SCENARIO = {"defaults": {"result": "paid", "shape": "any"}, "rules": _rules}
