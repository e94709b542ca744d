#include "core/breaker.h"

#include "base/attr.h"

enum {
	WINDOW_MS = 10000,
	IN_A_ROW = 5,
	SEEN_LEAST = 20,
	DOUBTFUL_PERCENT = 30,
	OPEN_FIRST_MS = 10000,
	OPEN_MOST_MS = 300000,
	QUOTA_FIRST_MS = 60000, /* the shortest window of a quota */
	QUOTA_MOST_MS = 900000,
	PROBE_MS = 60000,
	PROBE_LEAST_MS = 6000, /* longer than an answer may take, however time is scaled */
};

static void start_window(struct breaker *breaker, struct instant now)
{
	breaker->in_a_row = 0;
	breaker->seen = 0;
	breaker->doubtful = 0;
	breaker->window_at = now;
}

void breaker_start(struct breaker *breaker, struct instant now)
{
	*breaker = (struct breaker){.state = BREAKER_CLOSED, .window_at = now};
}

bool breaker_allows(const struct breaker *breaker)
{
	return breaker->state == BREAKER_CLOSED;
}

/* HALF_OPEN beyond its deadline: whoever asked the question has died with it. */
bool breaker_wants_probe(const struct breaker *breaker, struct instant now)
{
	return breaker->state != BREAKER_CLOSED && !instant_before(now, breaker->until);
}

int64_t breaker_probe_ms(double time_scale)
{
	const int64_t within = scaled_ms(PROBE_MS, time_scale);

	return within > PROBE_LEAST_MS ? within : PROBE_LEAST_MS;
}

void breaker_probe(struct breaker *breaker, struct instant now, double time_scale)
{
	breaker->state = BREAKER_HALF_OPEN;
	breaker->until = instant_add_ms(now, breaker_probe_ms(time_scale));
}

static int64_t wait_ms(enum breaker_reason reason, unsigned opened)
{
	int64_t wait = reason == BREAKER_QUOTA ? QUOTA_FIRST_MS : OPEN_FIRST_MS;
	const int64_t most = reason == BREAKER_QUOTA ? QUOTA_MOST_MS : OPEN_MOST_MS;

	for (unsigned i = 0; i < opened && wait < most; i++)
		wait *= 2;
	return wait < most ? wait : most;
}

static void trip(struct breaker *breaker, enum breaker_reason reason, struct instant now, double time_scale)
{
	/* Another trouble than the one that it is open for begins with its own first wait. */
	if (breaker->state != BREAKER_CLOSED && breaker->reason != reason)
		breaker->opened = 0;

	const int64_t wait = wait_ms(reason, breaker->opened);

	start_window(breaker, now);
	breaker->state = BREAKER_OPEN;
	breaker->reason = reason;
	breaker->until = instant_add_ms(now, scaled_ms(wait, time_scale));
	if (breaker->opened < 1000) /* far beyond where the wait stops growing */
		breaker->opened++;
}

static enum breaker_reason reason_of(enum breaker_saw saw, enum breaker_reason before)
{
	if (saw == SAW_CREDENTIAL_FAULT)
		return BREAKER_CREDENTIALS;
	return saw == SAW_QUOTA ? BREAKER_QUOTA : before;
}

void breaker_probed(struct breaker *breaker, enum breaker_saw saw, struct instant now, double time_scale)
{
	if (breaker->state != BREAKER_HALF_OPEN)
		return;
	if (saw != SAW_ANSWER) {
		trip(breaker, reason_of(saw, breaker->reason), now, time_scale);
		return;
	}
	/* `opened` stays until a quiet window: a fault that no question meets would cost a payment each time. */
	breaker->state = BREAKER_CLOSED;
	breaker->reason = BREAKER_NO_REASON;
	breaker->until = (struct instant){0};
	start_window(breaker, now);
}

static void roll_window(struct breaker *breaker, struct instant now, double time_scale)
{
	const unsigned in_a_row = breaker->in_a_row;

	if (instant_before(now, instant_add_ms(breaker->window_at, scaled_ms(WINDOW_MS, time_scale))))
		return;
	if (breaker->seen > 0 && breaker->doubtful == 0)
		breaker->opened = 0;
	start_window(breaker, now);
	breaker->in_a_row = in_a_row; /* a slow lane's silence goes on over windows */
}

static void count(unsigned *counter, unsigned n)
{
	const unsigned most = UINT32_MAX / 2;

	*counter = *counter >= most || n >= most - *counter ? most : *counter + n;
}

/*
 * What was in flight when it opened. A fault of our credentials counts above all: a token call is the question then, and a
 * person must know. A quota counts above a silent provider: nothing is asked before the quota's own first wait is over.
 */
static void note_late(struct breaker *breaker, enum breaker_saw saw, struct instant now, double time_scale)
{
	if (saw == SAW_CREDENTIAL_FAULT)
		breaker->reason = BREAKER_CREDENTIALS;
	if (saw != SAW_QUOTA || breaker->reason != BREAKER_PROVIDER)
		return;
	breaker->reason = BREAKER_QUOTA;
	if (breaker->state == BREAKER_OPEN)
		breaker->until = instant_later(
			breaker->until, instant_add_ms(now, scaled_ms(QUOTA_FIRST_MS, time_scale)));
}

bool breaker_note(
	struct breaker *breaker, enum breaker_saw saw, unsigned n, struct instant now, double time_scale)
{
	if (n == 0)
		return false;
	if (breaker->state != BREAKER_CLOSED) {
		note_late(breaker, saw, now, time_scale);
		return false;
	}
	if (saw == SAW_NOTHING)
		return false;
	roll_window(breaker, now, time_scale);
	count(&breaker->seen, n);
	switch (saw) {
	case SAW_NOTHING:
		return false;
	case SAW_ANSWER:
		breaker->in_a_row = 0;
		return false;
	case SAW_CREDENTIAL_FAULT:
	case SAW_QUOTA:
		trip(breaker, reason_of(saw, BREAKER_NO_REASON), now, time_scale);
		return true;
	case SAW_DOUBT:
		break;
	}
	count(&breaker->in_a_row, n);
	count(&breaker->doubtful, n);
	if (breaker->in_a_row < IN_A_ROW &&
		(breaker->seen < SEEN_LEAST ||
			(uint64_t)breaker->doubtful * 100 < (uint64_t)breaker->seen * DOUBTFUL_PERCENT))
		return false;
	trip(breaker, BREAKER_PROVIDER, now, time_scale);
	return true;
}

const char *breaker_state_name(enum breaker_state state)
{
	switch (state) {
	case BREAKER_CLOSED:
		return "closed";
	case BREAKER_OPEN:
		return "open";
	case BREAKER_HALF_OPEN:
		return "half_open";
	}
	must(false);
}

const char *breaker_reason_name(enum breaker_reason reason)
{
	switch (reason) {
	case BREAKER_NO_REASON:
		return "";
	case BREAKER_PROVIDER:
		return "provider";
	case BREAKER_CREDENTIALS:
		return "credentials";
	case BREAKER_QUOTA:
		return "quota";
	}
	must(false);
}
