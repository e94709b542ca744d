#include "io/spool_window.h"

#include "base/attr.h"

enum slot { WAITS, OUT, HAS };

static unsigned char *slot_of(struct spool_window *window, uint64_t number)
{
	must(number >= window->freed && number < window->next && number - window->freed < SPOOL_WINDOW);
	return &window->slots[number % SPOOL_WINDOW];
}

void spool_window_init(struct spool_window *window, uint64_t first, uint64_t next)
{
	must(first > 0 && first <= next);
	*window = (struct spool_window){.freed = first, .cursor = first, .next = next};
}

/* The cursor stands on the first that waits. */
static void move_cursor(struct spool_window *window)
{
	if (window->cursor < window->freed)
		window->cursor = window->freed;
	while (window->cursor < window->next && window->cursor - window->freed < SPOOL_WINDOW &&
		*slot_of(window, window->cursor) != WAITS)
		window->cursor++;
}

static bool may_go(const struct spool_window *window, uint64_t before)
{
	return window->cursor < before && window->cursor - window->freed < SPOOL_WINDOW;
}

static void go(struct spool_window *window)
{
	*slot_of(window, window->cursor) = OUT;
	window->out++;
	move_cursor(window);
}

uint64_t spool_window_keep(struct spool_window *window, bool *ret_hand)
{
	uint64_t number = window->next++;

	*ret_hand = window->cursor == number && may_go(window, window->next);
	if (*ret_hand)
		go(window);
	return number;
}

bool spool_window_take(struct spool_window *window, uint64_t before, uint64_t *ret)
{
	if (!may_go(window, before < window->next ? before : window->next))
		return false;
	*ret = window->cursor;
	go(window);
	return true;
}

static void free_from_below(struct spool_window *window)
{
	while (window->freed < window->next && *slot_of(window, window->freed) == HAS) {
		window->slots[window->freed % SPOOL_WINDOW] = WAITS;
		window->freed++;
	}
	move_cursor(window);
}

void spool_window_skip(struct spool_window *window, uint64_t number)
{
	unsigned char *slot = slot_of(window, number);

	if (*slot == OUT)
		window->out--;
	*slot = HAS;
	free_from_below(window);
}

void spool_window_report(struct spool_window *window, uint64_t number, bool delivered)
{
	unsigned char *slot = slot_of(window, number);

	must(*slot == OUT);
	window->out--;
	*slot = delivered ? HAS : WAITS;
	if (!delivered && number < window->cursor)
		window->cursor = number;
	free_from_below(window);
}
