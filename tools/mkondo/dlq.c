#include "mkondo/mkondo.h"

#include "io/evidence_store.h"

#include <stdio.h>
#include <string.h>

/* What ingest could not make a payment of, from PostgreSQL: number, time, place, reason. */
enum { MOST = 1000 };

int tool_dlq(struct tool *tool)
{
	struct dead_letter_line *lines;
	struct store *store = NULL;
	struct instant now;
	char at[INSTANT_TEXT];
	size_t count;
	struct err err;

	if (tool->argc != 1 || strcmp(tool->argv[0], "list") != 0)
		return tool_usage("dlq list");
	if (!tool_read_database(tool))
		return 78;
	if (!store_open(&store, &tool->database, "mkondo-dlq", &err))
		return tool_failed(&err);
	bool good = store_begin(store, &now, &err) &&
		    dead_letter_store_list(store, 0, MOST, &tool->arena, &lines, &count, &err);
	store_rollback(store);
	for (size_t i = 0; good && i < count; i++)
		printf("%lld  %s  %s partition %d offset %lld  %s: %s (%zu bytes)\n", (long long)lines[i].no,
			instant_iso(lines[i].at, at), lines[i].letter.topic, lines[i].letter.partition,
			(long long)lines[i].letter.offset, lines[i].letter.reason, lines[i].letter.detail,
			lines[i].letter.value.len);
	store_close(&store);
	return good ? 0 : tool_failed(&err);
}
