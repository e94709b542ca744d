#include "core/account_follow.h"

#include <string.h>

static bool has_environment(const struct account *accounts, size_t count, bool production)
{
	for (size_t i = 0; i < count; i++)
		if (accounts[i].production == production)
			return true;
	return false;
}

static const char *environment_name(bool production)
{
	return production ? "production" : "sandbox";
}

static bool fault(struct buf *faults, const struct account *account, const char *what)
{
	buf_print(faults, "%s: %s; ", account->name, what);
	return false;
}

static bool check_pair(const struct account *was, const struct account *is, struct buf *faults)
{
	const bool same_name = strcmp(was->name, is->name) == 0, same_app = strcmp(was->app, is->app) == 0;
	bool good = true;

	if (same_name && strcmp(was->shortcode, is->shortcode) != 0)
		good = fault(faults, is, "its shortcode has changed: that takes another name, or a restart");
	if (same_name && was->production != is->production)
		good = fault(
			faults, is, "its environment has changed: that takes another name, or a restart");
	if (same_app && (strcmp(was->consumer_key, is->consumer_key) != 0 ||
				strcmp(was->api_base, is->api_base) != 0))
		good = fault(faults, is,
			"the consumer key or the host of its app has changed: that takes another name of the "
			"app, or a restart");
	return good;
}

bool account_follow_check(const struct account *was, size_t was_count, const struct account *next,
	size_t next_count, struct buf *faults)
{
	bool good = next_count > 0;

	if (!good)
		buf_str(faults, "there is no account in it; ");
	for (size_t i = 0; i < next_count; i++) {
		if (!has_environment(was, was_count, next[i].production)) {
			buf_print(faults, "%s: of %s, with which no account has begun; ", next[i].name,
				environment_name(next[i].production));
			good = false;
		}
		for (size_t j = 0; j < was_count; j++)
			good = check_pair(&was[j], &next[i], faults) && good;
	}
	return good;
}
