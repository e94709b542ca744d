#include "mkondo/mkondo.h"

#include "io/heard_store.h"

#include <stdio.h>
#include <stdlib.h>

enum { USUAL = 20, MOST = 1000 };
#define USAGE "webhooks [--last N]"

/* What was told by strangers must not steer the terminal that it is read on. */
static void print_told(const char *text)
{
	for (; *text != '\0'; text++)
		putchar((unsigned char)*text < ' ' || (unsigned char)*text == 0x7f ? '?' : *text);
}

static void print_line(const struct heard_line *line)
{
	const struct api_row *api = api_by_number((int)line->purpose);
	char at[INSTANT_TEXT], id[UUID_TEXT];

	printf("%s  %-18s %-13s %-36s  %-16s %6lld bytes  %-21s  ", instant_iso(line->at, at),
		api != NULL && line->purpose != API_NONE ? api->name : "-", strength_name(line->strength),
		uuid_is_set(&line->payment) ? uuid_text(&line->payment, id) : "-", line->verdict,
		(long long)line->bytes, line->peer[0] != '\0' ? line->peer : "-");
	print_told(line->says);
	putchar('\n');
}

static void print_totals(const struct heard_totals *totals)
{
	const int64_t all = totals->callbacks + totals->orphans + totals->notices;
	const int64_t errors = totals->unclear + totals->orphans;

	printf("webhooks       %8lld   %lld about payments, %lld notices of C2B, %lld of nobody\n",
		(long long)all, (long long)totals->callbacks, (long long)totals->notices,
		(long long)totals->orphans);
	printf("errors         %8lld   told nothing that we could read, or belong to nobody\n",
		(long long)errors);
	if (all > 0)
		printf("success rate   %7.1f%%\n", 100.0 * (double)(all - errors) / (double)all);
	else
		printf("success rate         -\n");
}

static bool read_last(struct tool *tool, size_t *ret)
{
	const char *value = NULL;
	int64_t last = USUAL;

	for (int i = 0; i < tool->argc;)
		if (!tool_option(tool, &i, "--last", &value))
			return false;
	if (value != NULL && (!text_to_int64(text_of(value), &last) || last < 1 || last > MOST))
		return false;
	*ret = (size_t)last;
	return true;
}

int tool_webhooks(struct tool *tool)
{
	struct heard_totals totals;
	struct heard_line *lines;
	struct store *store = NULL;
	struct instant now;
	size_t last, count;
	struct err err;

	if (!read_last(tool, &last))
		return tool_usage(USAGE);
	if (!tool_read_database(tool))
		return 78;
	if (!store_open(&store, &tool->database, "mkondo-webhooks", &err))
		return tool_failed(&err);
	bool good = store_begin(store, &now, &err) &&
		    heard_store_list(store, last, &tool->arena, &lines, &count, &totals, &err);
	store_rollback(store);
	for (size_t i = count; good && i > 0; i--)
		print_line(&lines[i - 1]);
	if (good)
		print_totals(&totals);
	store_close(&store);
	return good ? 0 : tool_failed(&err);
}
