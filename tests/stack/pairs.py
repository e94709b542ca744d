"""The stack with two of each service: its clock, its limits, and whose payments end how. Times in the scenario are at time
scale 1."""

# Ten times slower than the other stacks' clock: a lease of 2.25 s lasts longer than a busy machine makes a service wait, so
# that what is in doubt here has a reason.
TIME_SCALE = 0.05
# Tokens outlive the tests: one that is renewed kills the one before it, and refuses requests that are under way with that.
SIM_OPTIONS = ("--token-life", "3000")
PAYOUT_CEILING = 40  # a second
SETTINGS = {"MKONDO_RATE_PAYOUT": str(PAYOUT_CEILING)}

THROTTLED, THROTTLED_LONG = "254711000001", "254711000002"
HUNG = [f"2547110001{number:02d}" for number in range(5)]
DAY_MS = 86400000

# A request is under way for a tenth of a second, so that whoever is stopped has some in hand; its outcome is told long after its answer.
# The throttled ones' account has an app, and so lanes, of its own: what slows them slows nobody else.
SCENARIO = {
    "defaults": {"result": "paid", "shape": "any", "answer_after_ms": 2000, "outcome_after_ms": 20000},
    "rules": [
        {"api": "stk_push", "phone": THROTTLED, "times": 3, "do": {"answer": "spike_arrest"}},
        {"api": "stk_push", "phone": THROTTLED_LONG, "times": 7, "do": {"answer": "spike_arrest_raw"}},
        *({"api": "b2c", "phone": phone, "do": {"answer": "hang", "executed": True, "answer_after_ms": 4000, "callback": "none"}}
          for phone in HUNG),
    ],
}
# Daraja as it is in a brown-out: questions are not answered either.
BROWN_OUT = {**SCENARIO, "rules": [{"api": "transaction_status", "do": {"answer": "lost_before"}}, *SCENARIO["rules"]]}
