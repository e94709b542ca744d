"""The stack from which things are taken away. Times in the scenario are at time scale 1."""

import os

# Clients' time-outs are not scaled, so an outage is none that the tests' clock shortens: seconds as they are, a minute of
# them when asked for.
OUTAGE_S = float(os.environ.get("STACK_OUTAGE_S", "15"))

# On the tests' clock a prompt's horizon (2 h) is 36 s. After a longer outage it is UNRESOLVED first, and asked about every 6 h.
SETTLED_S = 40 if OUTAGE_S < 30 else 40 + 6 * 3600 * 0.005 + 40

SLOW_MS = 400000  # two seconds on the tests' clock: time to take something away before the answer comes
SLOW = [f"2547120001{number:02d}" for number in range(10)]
SLOWER = [f"2547120002{number:02d}" for number in range(10)]

SCENARIO = {
    "defaults": {"result": "paid", "shape": "any"},
    "rules": [
        *({"api": "b2c", "phone": phone, "do": {"answer_after_ms": SLOW_MS, "outcome_after_ms": SLOW_MS}} for phone in SLOW),
        # Nothing but the answer tells how these are called at M-PESA.
        *({"api": "stk_push", "phone": phone, "do": {"answer_after_ms": SLOW_MS, "callback": "none"}} for phone in SLOWER),
    ],
}
