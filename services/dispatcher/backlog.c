#include "dispatcher/backlog.h"

#include "base/attr.h"

#include <stdlib.h>

#include <uthash.h>

enum { PRIORITIES = PRIORITY_BULK + 1 };

/* What makes two hints the same; without padding, since it is hashed as bytes. */
struct backlog_key {
	struct uuid id;
	uint8_t ask;
};

/* A place of the store: unused, in the heap of the held ones, or in the heap of its line. */
struct backlog_slot {
	struct waiting waiting;
	struct backlog_key key;
	int64_t due_us; /* while it is held; 0 in a line, where only places count */
	struct backlog_slot *child, *next;
	UT_hash_handle hh;
};

/* What may go of one account and priority. */
struct backlog_line {
	struct backlog_slot *first;
	struct backlog_line *next; /* in the ring */
	unsigned app;
};

/* The lines of one priority that are not empty, in the order of their turns. */
struct ring {
	struct backlog_line *last; /* its next is whose turn it is */
	size_t ready;
};

struct backlog_app {
	struct ring rings[PRIORITIES];
	unsigned passed_over[PRIORITIES]; /* how often in a row others were taken while it waited */
	size_t ready;
};

/* A pairing heap: what is put in order costs nothing more, and there is nothing to allocate. */
static bool is_before(const struct backlog_slot *a, const struct backlog_slot *b)
{
	return a->due_us != b->due_us ? a->due_us < b->due_us : a->waiting.place < b->waiting.place;
}

static struct backlog_slot *merged(struct backlog_slot *a, struct backlog_slot *b)
{
	if (a == NULL)
		return b;
	if (b == NULL)
		return a;
	if (is_before(b, a)) {
		struct backlog_slot *first = b;

		b = a;
		a = first;
	}
	b->next = a->child;
	a->child = b;
	return a;
}

/* The heap without its first: its children merged in pairs, and these from the last to the first. */
static struct backlog_slot *without_first(struct backlog_slot *heap)
{
	struct backlog_slot *pairs = NULL, *rest = NULL;

	for (struct backlog_slot *one = heap->child, *after; one != NULL; one = after) {
		struct backlog_slot *two = one->next;

		after = two != NULL ? two->next : NULL;
		one->next = NULL;
		if (two != NULL)
			two->next = NULL;
		one = merged(one, two);
		one->next = pairs;
		pairs = one;
	}
	while (pairs != NULL) {
		struct backlog_slot *pair = pairs;

		pairs = pair->next;
		pair->next = NULL;
		rest = merged(rest, pair);
	}
	heap->child = NULL;
	return rest;
}

static void *zeroes(size_t count, size_t size)
{
	void *all = calloc(count, size);

	must(all != NULL);
	return all;
}

void backlog_init(struct backlog *backlog, const unsigned *app_of, size_t accounts)
{
	size_t apps = 1;

	must(accounts > 0);
	*backlog = (struct backlog){.accounts = accounts};
	backlog->slots = zeroes(BACKLOG_MOST, sizeof(*backlog->slots));
	backlog->lines = zeroes(accounts * PRIORITIES, sizeof(*backlog->lines));
	backlog->of_account = zeroes(accounts, sizeof(*backlog->of_account));
	for (size_t i = 0; i < accounts * PRIORITIES; i++) {
		backlog->lines[i].app = app_of != NULL ? app_of[i / PRIORITIES] : 0;
		if (backlog->lines[i].app >= apps)
			apps = backlog->lines[i].app + 1;
	}
	backlog->apps = zeroes(apps, sizeof(*backlog->apps));
	for (size_t i = BACKLOG_MOST; i-- > 0;) {
		backlog->slots[i].next = backlog->unused;
		backlog->unused = &backlog->slots[i];
	}
}

void backlog_done(struct backlog *backlog)
{
	HASH_CLEAR(hh, backlog->index);
	free(backlog->slots);
	free(backlog->lines);
	free(backlog->of_account);
	free(backlog->apps);
	*backlog = (struct backlog){0};
}

/* Into its line; one that was empty takes its turn after all others. */
static void line_up(struct backlog *backlog, struct backlog_slot *slot)
{
	const enum priority priority = slot->waiting.hint.priority;
	struct backlog_line *line = &backlog->lines[slot->waiting.account * PRIORITIES + priority];
	struct backlog_app *app = &backlog->apps[line->app];
	struct ring *ring = &app->rings[priority];

	if (line->first == NULL) {
		line->next = ring->last != NULL ? ring->last->next : line;
		if (ring->last != NULL)
			ring->last->next = line;
		ring->last = line;
	}
	slot->due_us = 0;
	line->first = merged(line->first, slot);
	ring->ready++;
	app->ready++;
}

static void let_go(struct backlog *backlog, struct mono now)
{
	while (backlog->held != NULL && backlog->held->due_us <= now.us) {
		struct backlog_slot *slot = backlog->held;

		backlog->held = without_first(slot);
		line_up(backlog, slot);
	}
}

static enum backlog_fate known(struct backlog_slot *slot, const struct hint *hint)
{
	if (slot->waiting.hint.query_no < hint->query_no) {
		slot->waiting.hint.query_no = hint->query_no;
		slot->waiting.hint.after_fence = hint->after_fence;
	}
	return BACKLOG_KNOWN;
}

enum backlog_fate backlog_put(struct backlog *backlog, const struct waiting *waiting)
{
	const struct backlog_key key = {.id = waiting->hint.id, .ask = waiting->hint.ask};
	struct backlog_slot *slot = NULL;

	must(waiting->account < backlog->accounts);
	HASH_FIND(hh, backlog->index, &key, sizeof(key), slot);
	if (slot != NULL)
		return known(slot, &waiting->hint);
	if (backlog->unused == NULL)
		return BACKLOG_FULL;
	if (backlog->accounts > 1 && backlog->of_account[waiting->account] >= BACKLOG_MOST - backlog->count)
		return BACKLOG_OVER_SHARE;

	slot = backlog->unused;
	backlog->unused = slot->next;
	*slot = (struct backlog_slot){.waiting = *waiting, .key = key, .due_us = waiting->not_before.us};
	slot->waiting.hint.account = NULL;
	if (slot->waiting.hint.priority > PRIORITY_BULK)
		slot->waiting.hint.priority = PRIORITY_NORMAL;
	if (slot->waiting.place == 0)
		slot->waiting.place = ++backlog->places;
	HASH_ADD(hh, backlog->index, key, sizeof(slot->key), slot);
	backlog->of_account[waiting->account]++;
	backlog->count++;
	if (slot->due_us > 0)
		backlog->held = merged(backlog->held, slot);
	else
		line_up(backlog, slot);
	return BACKLOG_ADDED;
}

/* By rank, unless one that ranks lower has been passed over too often. */
static enum priority next_priority(const struct backlog_app *app)
{
	if (app->rings[PRIORITY_BULK].ready > 0 && app->passed_over[PRIORITY_BULK] >= BACKLOG_BULK_EACH - 1)
		return PRIORITY_BULK;
	if (app->rings[PRIORITY_NORMAL].ready > 0 &&
		app->passed_over[PRIORITY_NORMAL] >= BACKLOG_NORMAL_EACH - 1)
		return PRIORITY_NORMAL;
	if (app->rings[PRIORITY_INTERACTIVE].ready > 0)
		return PRIORITY_INTERACTIVE;
	return app->rings[PRIORITY_NORMAL].ready > 0 ? PRIORITY_NORMAL : PRIORITY_BULK;
}

static void count_turn(struct backlog_app *app, enum priority taken)
{
	for (unsigned priority = 0; priority < PRIORITIES; priority++)
		if (priority == taken || app->rings[priority].ready == 0)
			app->passed_over[priority] = 0;
		else
			app->passed_over[priority]++;
}

static struct backlog_slot *leave(struct backlog_app *app, enum priority priority)
{
	struct ring *ring = &app->rings[priority];
	struct backlog_line *line = ring->last->next;
	struct backlog_slot *slot = line->first;

	line->first = without_first(slot);
	if (line->first != NULL)
		ring->last = line;
	else if (ring->last == line)
		ring->last = NULL;
	else
		ring->last->next = line->next;
	ring->ready--;
	app->ready--;
	return slot;
}

size_t backlog_take(struct backlog *backlog, size_t app_no, struct mono now, struct waiting *ret, size_t most)
{
	struct backlog_app *app = &backlog->apps[app_no];
	size_t taken = 0;

	let_go(backlog, now);
	while (taken < most && app->ready > 0) {
		const enum priority priority = next_priority(app);
		struct backlog_slot *slot = leave(app, priority);

		count_turn(app, priority);
		ret[taken++] = slot->waiting;
		backlog->of_account[slot->waiting.account]--;
		backlog->count--;
		HASH_DEL(backlog->index, slot);
		slot->next = backlog->unused;
		backlog->unused = slot;
	}
	return taken;
}

size_t backlog_ready(struct backlog *backlog, size_t app, struct mono now)
{
	let_go(backlog, now);
	return backlog->apps[app].ready;
}

bool backlog_next(const struct backlog *backlog, struct mono *ret)
{
	if (backlog->held == NULL)
		return false;
	*ret = (struct mono){backlog->held->due_us};
	return true;
}

size_t backlog_move(struct backlog *from, struct backlog *to, const unsigned *number_of)
{
	struct backlog_slot *slot, *next;
	size_t dropped = 0;

	to->places = from->places;
	HASH_ITER (hh, from->index, slot, next) {
		struct waiting waiting = slot->waiting;

		if (waiting.account == 0)
			waiting.not_before = (struct mono){0};
		waiting.account = number_of[waiting.account];
		if (waiting.account == BACKLOG_GONE || backlog_put(to, &waiting) != BACKLOG_ADDED)
			dropped++;
	}
	backlog_done(from);
	return dropped;
}

bool backlog_pauses(bool paused, size_t waiting, size_t handed, size_t accounts)
{
	const size_t enough = paused ? BACKLOG_MOST / 4 : BACKLOG_MOST / 2;

	return handed > enough || (accounts == 1 && waiting > enough);
}
