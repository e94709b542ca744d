#include "webhook/knock.h"

#include "base/log.h"
#include "base/metric.h"
#include "io/http_server.h"

#include <stdlib.h>
#include <utlist.h>

struct knock {
	struct http_exchange *exchange; /* NULL once it was answered */
	struct uuid payment;
	const char *accepted;
	struct mono since;
	struct knock *prev, *next;
};

METRIC(callbacks_total, .name = "mkondo_callbacks_total",
	.help = "Callbacks that were let in: accepted is kept and answered with 200, unavailable could not "
		"be kept and was answered with 503.",
	.label = "outcome", .values = "accepted unavailable", .kind = METRIC_COUNTER);
METRIC(callback_seconds, .name = "mkondo_callback_seconds", .help = "From a callback's last byte to its 200.",
	.kind = METRIC_HISTOGRAM);

const char knock_accepted[] = "{\"ResultCode\":0,\"ResultDesc\":\"Accepted\"}";
static const char later[] = "{\"ResultCode\":1,\"ResultDesc\":\"Not taken, send it again\"}";

static void say_accepted(struct knock *knock, struct mono now)
{
	metric_add(&callbacks_total, "accepted", 1);
	metric_observe(&callback_seconds, NULL, (double)(now.us - knock->since.us) / 1e6);
	http_reply(knock->exchange, 200, "application/json", text_of(knock->accepted));
	knock->exchange = NULL;
}

static void say_later(struct knock *knock, const char *why)
{
	const struct uuid *payment = uuid_is_set(&knock->payment) ? &knock->payment : NULL;

	metric_add(&callbacks_total, "unavailable", 1);
	LOG(WARN, "callback.not_acknowledged", LOG_PAYMENT(payment), LOG_STR("why", why));
	http_reply(knock->exchange, 503, "application/json", text_of(later));
	knock->exchange = NULL;
}

struct knock *knock_new(struct knocks *knocks, struct http_exchange *exchange, const struct uuid *payment,
	const char *accepted, struct mono now)
{
	struct knock *knock = calloc(1, sizeof(*knock));

	must(knock != NULL);
	knock->exchange = exchange;
	knock->since = now;
	knock->accepted = accepted;
	if (payment != NULL)
		knock->payment = *payment;
	DL_APPEND(knocks->waiting, knock);
	return knock;
}

void knock_report(struct knocks *knocks, struct knock *knock, bool delivered, struct mono now)
{
	if (knock->exchange == NULL) {
		DL_DELETE(knocks->late, knock);
	} else {
		DL_DELETE(knocks->waiting, knock);
		if (delivered)
			say_accepted(knock, now);
		else
			say_later(knock, "the broker did not take it");
	}
	free(knock);
}

size_t knocks_sweep(struct knocks *knocks, struct mono now)
{
	struct knock *knock;
	size_t count = 0;

	while ((knock = knocks->waiting) != NULL && mono_ms_between(knock->since, now) >= KNOCK_WITHIN_MS) {
		DL_DELETE(knocks->waiting, knock);
		DL_APPEND(knocks->late, knock);
		say_later(knock, "the broker has not said anything");
		count++;
	}
	return count;
}

void knocks_done(struct knocks *knocks)
{
	struct knock *knock;

	while ((knock = knocks->waiting) != NULL) {
		DL_DELETE(knocks->waiting, knock);
		say_later(knock, "stopped before the broker's word");
		free(knock);
	}
	while ((knock = knocks->late) != NULL) {
		DL_DELETE(knocks->late, knock);
		free(knock);
	}
}
