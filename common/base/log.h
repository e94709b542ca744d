#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"
#include "base/text.h"
#include "base/time.h"
#include "base/uuid.h"

/*
 * One JSON object per line to stderr, in one write(2): at, level, service, event, then the fields.
 * Event names are noun.past_participle and literals ("payment.sent"); the counter
 * mkondo_events_total{event=...} is raised by the same call, also below the level. Every line about
 * a payment carries `payment` and, when known, `trace`. Phones only by LOG_PHONE, which masks;
 * there is no field kind for a secret. An error is why, why_class and, where known, why_code and
 * why_state. A line is at most 4,096 bytes, what a pipe takes whole: longer values are shortened and
 * the line says "cut":true. What is NULL, none or "" (phone, trace) is left out. Thread-safe.
 */
enum log_level {
	LOG_DEBUG, /* a developer */
	LOG_INFO, /* the record */
	LOG_WARN, /* we coped */
	LOG_ALARM, /* a person, now; each has a paragraph in docs/operations.md */
};

struct log_field {
	const char *name; /* NULL ends the list */
	enum {
		LOG_IS_STRING,
		LOG_IS_TEXT,
		LOG_IS_INT,
		LOG_IS_UUID,
		LOG_IS_PHONE,
		LOG_IS_TRACE,
		LOG_IS_ERR,
		LOG_IS_BOOL
	} is;
	union {
		const char *string;
		struct text text;
		int64_t number;
		const struct uuid *uuid;
		const struct err *err;
	};
};

#define LOG_STR(n, v)                                                                                        \
	{                                                                                                    \
		.name = (n), .is = LOG_IS_STRING, .string = (v)                                              \
	}
#define LOG_TXT(n, v)                                                                                        \
	{                                                                                                    \
		.name = (n), .is = LOG_IS_TEXT, .text = (v)                                                  \
	}
#define LOG_NUM(n, v)                                                                                        \
	{                                                                                                    \
		.name = (n), .is = LOG_IS_INT, .number = (int64_t)(v)                                        \
	}
#define LOG_YES(n, v)                                                                                        \
	{                                                                                                    \
		.name = (n), .is = LOG_IS_BOOL, .number = (v)                                                \
	}
#define LOG_PAYMENT(id)                                                                                      \
	{                                                                                                    \
		.name = "payment", .is = LOG_IS_UUID, .uuid = (id)                                           \
	}
#define LOG_PHONE(n, v)                                                                                      \
	{                                                                                                    \
		.name = (n), .is = LOG_IS_PHONE, .string = (v)                                               \
	}
#define LOG_TRACE(parent)                                                                                    \
	{                                                                                                    \
		.name = "trace", .is = LOG_IS_TRACE, .string = (parent)                                      \
	} /* a traceparent; "" leaves it out */
#define LOG_ERR(e)                                                                                           \
	{                                                                                                    \
		.name = "why", .is = LOG_IS_ERR, .err = (e)                                                  \
	}

#define LOG(level, event, ...)                                                                               \
	log_event(LOG_##level, event, (const struct log_field[]){__VA_ARGS__ __VA_OPT__(, ){.name = NULL}})

/* `clock` gives the time of each line (the clock is read in io only); `service` is a literal. */
void log_start(const char *service, enum log_level least, struct instant (*clock)(void));
void log_event(enum log_level level, const char *event, const struct log_field *fields);
const char *const *log_level_names(void); /* "debug", "info", "warn", "alarm", NULL: for the setting */

#endif
