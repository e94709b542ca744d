#include "base/time.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { EAT_OFFSET_S = 3 * 60 * 60 };

static int64_t floor_div(int64_t n, int64_t by)
{
	return n / by - (n % by < 0 ? 1 : 0);
}

struct instant instant_of_ms(int64_t unix_ms)
{
	return (struct instant){unix_ms * 1000};
}

int64_t instant_ms(struct instant instant)
{
	return floor_div(instant.us, 1000);
}

struct instant instant_add_ms(struct instant instant, int64_t ms)
{
	return (struct instant){instant.us + ms * 1000};
}

int64_t instant_ms_between(struct instant from, struct instant to)
{
	return floor_div(to.us - from.us, 1000);
}

bool instant_before(struct instant a, struct instant b)
{
	return a.us < b.us;
}

struct instant instant_later(struct instant a, struct instant b)
{
	return a.us < b.us ? b : a;
}

bool instant_is_set(struct instant instant)
{
	return instant.us != 0;
}

/* The calendar of a second, with each part bounded so that every text has its fixed width. */
static bool calendar(int64_t second, struct tm *ret)
{
	time_t at = (time_t)second;

	return gmtime_r(&at, ret) != NULL && ret->tm_year >= -1900 && ret->tm_year <= 8099;
}

const char *instant_iso(struct instant instant, char out[INSTANT_TEXT])
{
	struct tm tm;
	int64_t second = floor_div(instant.us, 1000000);

	if (!calendar(second, &tm)) {
		snprintf(out, INSTANT_TEXT, "out-of-range");
		return out;
	}
	snprintf(out, INSTANT_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
		((unsigned)tm.tm_year + 1900) % 10000, (unsigned)(tm.tm_mon + 1) % 100,
		(unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100,
		(unsigned)tm.tm_sec % 100, (unsigned)((instant.us - second * 1000000) / 1000) % 1000);
	return out;
}

const char *instant_eat(struct instant instant, char out[INSTANT_TEXT])
{
	struct tm tm;

	if (!calendar(floor_div(instant.us, 1000000) + EAT_OFFSET_S, &tm)) {
		snprintf(out, INSTANT_TEXT, "out-of-range");
		return out;
	}
	snprintf(out, INSTANT_TEXT, "%04u%02u%02u%02u%02u%02u", ((unsigned)tm.tm_year + 1900) % 10000,
		(unsigned)(tm.tm_mon + 1) % 100, (unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100,
		(unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
	return out;
}

static int number(const char *at, int digits)
{
	int n = 0;

	for (int i = 0; i < digits; i++)
		n = n * 10 + (at[i] - '0');
	return n;
}

bool instant_from_eat(struct text text, struct instant *ret)
{
	char again[INSTANT_TEXT];
	struct instant instant;
	struct tm tm = {0};

	if (text.len != 14)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
	tm.tm_year = number(text.at, 4) - 1900;
	tm.tm_mon = number(text.at + 4, 2) - 1;
	tm.tm_mday = number(text.at + 6, 2);
	tm.tm_hour = number(text.at + 8, 2);
	tm.tm_min = number(text.at + 10, 2);
	tm.tm_sec = number(text.at + 12, 2);
	instant.us = ((int64_t)timegm(&tm) - EAT_OFFSET_S) * 1000000;
	/* timegm carries the 31st of June over into July: only a date that exists reads back as it was. */
	if (!text_is(text, instant_eat(instant, again)))
		return false;
	*ret = instant;
	return true;
}

struct mono mono_add_ms(struct mono mono, int64_t ms)
{
	return (struct mono){mono.us + ms * 1000};
}

int64_t mono_ms_between(struct mono from, struct mono to)
{
	return floor_div(to.us - from.us, 1000);
}

int64_t scaled_ms(int64_t ms, double scale)
{
	int64_t scaled = (int64_t)((double)ms * scale + 0.5);

	if (ms <= 0)
		return 0;
	return scaled > 1 ? scaled : 1;
}
