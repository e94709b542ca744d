#include "darajasim/later.h"

#include "base/attr.h"

#include <stdlib.h>
#include <utlist.h>

struct later_item {
	uv_timer_t timer;
	struct later *later;
	later_do *what;
	void *self;
	struct later_item *prev, *next;
};

void later_init(struct later *later, uv_loop_t *loop)
{
	*later = (struct later){.loop = loop};
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void drop(struct later_item *item)
{
	DL_DELETE(item->later->waiting, item);
	uv_close((uv_handle_t *)&item->timer, on_closed);
}

static void on_time(uv_timer_t *timer)
{
	struct later_item *item = timer->data;

	drop(item);
	item->what(item->self, false);
}

void later_add(struct later *later, int64_t ms, later_do *what, void *self)
{
	struct later_item *item = calloc(1, sizeof(*item));

	must(item != NULL);
	item->later = later;
	item->what = what;
	item->self = self;
	item->timer.data = item;
	must(uv_timer_init(later->loop, &item->timer) == 0);
	/* The loop's time is that of its last round; without this a long round would shorten the wait. */
	uv_update_time(later->loop);
	must(uv_timer_start(&item->timer, on_time, (uint64_t)(ms < 0 ? 0 : ms), 0) == 0);
	DL_APPEND(later->waiting, item);
}

void later_done(struct later *later)
{
	while (later->waiting != NULL) {
		struct later_item *item = later->waiting;

		drop(item);
		item->what(item->self, true);
	}
}

void outbox_add(struct outbox *outbox, later_do *what, void *self)
{
	if (outbox->count == outbox->cap) {
		outbox->cap = outbox->cap == 0 ? 64 : outbox->cap * 2;
		outbox->items = realloc(outbox->items, outbox->cap * sizeof(*outbox->items));
		must(outbox->items != NULL);
	}
	outbox->items[outbox->count++] = (struct outbox_item){what, self};
}

void outbox_empty(struct outbox *outbox, bool over)
{
	unsigned count = outbox->count;

	for (unsigned i = 0; i < count; i++) {
		/* Adding may move the items. */
		struct outbox_item item = outbox->items[i];

		item.what(item.self, over);
	}
	outbox->count -= count;
	for (unsigned i = 0; i < outbox->count; i++)
		outbox->items[i] = outbox->items[i + count];
}

void outbox_done(struct outbox *outbox)
{
	while (outbox->count > 0)
		outbox_empty(outbox, true);
	free(outbox->items);
	*outbox = (struct outbox){0};
}
