#include "core/api.h"
#include "core/api_rows.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };

static const char *const lane_names[LANE_COUNT] = {
	[LANE_INTERACTIVE] = "interactive",
	[LANE_PAYOUT] = "payout",
	[LANE_BUSINESS] = "business",
	[LANE_CARE] = "care",
	[LANE_QUERY] = "query",
};

const struct api_row *api_by_number(int number)
{
	for (size_t i = 0; i < api_rows_count; i++)
		if ((int)api_rows[i].api == number)
			return &api_rows[i];
	return NULL;
}

const struct api_row *api_row(enum api api)
{
	const struct api_row *row = api_by_number((int)api);

	must(row != NULL);
	return row;
}

const struct api_row *api_find(struct text name)
{
	for (size_t i = 0; i < api_rows_count; i++)
		if (text_is(name, api_rows[i].name))
			return &api_rows[i];
	return NULL;
}

const struct api_row *api_each(const struct api_row *after)
{
	if (after == NULL)
		return api_rows;
	return after + 1 < api_rows + api_rows_count ? after + 1 : NULL;
}

const char *lane_name(enum lane lane)
{
	must((unsigned)lane < LANE_COUNT);
	return lane_names[lane];
}

const char *api_operation(const struct api_row *row)
{
	return row->operation != NULL ? row->operation : row->name;
}

bool lane_find(struct text name, enum lane *ret)
{
	for (unsigned i = 0; i < LANE_COUNT; i++)
		if (text_is(name, lane_names[i])) {
			*ret = (enum lane)i;
			return true;
		}
	return false;
}

unsigned api_gen(const struct api_row *row, unsigned attempt)
{
	switch (row->key) {
	case KEY_NONE:
		return attempt;
	case KEY_PROVIDER:
	case KEY_REPEATABLE:
		return attempt > 0 ? 1 : 0;
	}
	must(false);
}

/* A customer answers a prompt within a minute or it is over; later only a lost callback is left to find. */
static int64_t stk_next_ask_ms(unsigned asks)
{
	if (asks == 0)
		return 45 * SECOND;
	if (asks <= 4)
		return 15 * SECOND;
	return asks <= 4 + 5 ? 60 * SECOND : 5 * MINUTE;
}

int64_t api_next_ask_ms(const struct api_row *row, unsigned asks, bool after_fence)
{
	if (row->asked_by == API_STK_QUERY)
		return stk_next_ask_ms(asks);
	if (row->asked_by == API_NONE || row->asked_by == row->api)
		return row->first_ask_ms > 0 ? row->first_ask_ms : 60 * SECOND;
	/* Past the fence nothing new can arrive, and our own key finds it whatever happened: no hurry. */
	if (after_fence && asks > 0 && row->key == KEY_PROVIDER)
		return HOUR;

	const int64_t most = 15 * MINUTE;
	int64_t wait = row->first_ask_ms;

	for (unsigned i = 0; i < asks && wait < most; i++)
		wait *= 2;
	return wait < most ? wait : most;
}
