#include "dispatcher/backlog.h"

#include "base/attr.h"

#include <stdlib.h>

void backlog_init(struct backlog *backlog)
{
	*backlog = (struct backlog){.ring = calloc(BACKLOG_MOST, sizeof(struct waiting))};
	must(backlog->ring != NULL);
}

void backlog_done(struct backlog *backlog)
{
	free(backlog->ring);
	backlog->ring = NULL;
}

static struct waiting *at(const struct backlog *backlog, size_t index)
{
	return &backlog->ring[(backlog->first + index) % BACKLOG_MOST];
}

static bool may_go(const struct waiting *waiting, struct mono now)
{
	return waiting->not_before.us <= now.us;
}

bool backlog_put(struct backlog *backlog, const struct waiting *waiting)
{
	/* Linear, and bounded by the ring: doubles come from redelivery and from the poller, both close to the end. */
	for (size_t i = backlog->count, looked = 0; i-- > 0 && looked < 256; looked++) {
		struct waiting *other = at(backlog, i);

		if (other->hint.ask == waiting->hint.ask &&
			uuid_cmp(&other->hint.id, &waiting->hint.id) == 0) {
			if (other->hint.query_no < waiting->hint.query_no)
				other->hint = waiting->hint;
			return true;
		}
	}
	if (backlog->count == BACKLOG_MOST)
		return false;
	*at(backlog, backlog->count++) = *waiting;
	return true;
}

size_t backlog_take(struct backlog *backlog, struct mono now, struct waiting *ret, size_t most)
{
	size_t taken = 0, kept = 0;

	for (size_t i = 0; i < backlog->count; i++) {
		struct waiting waiting = *at(backlog, i);

		if (taken < most && may_go(&waiting, now))
			ret[taken++] = waiting;
		else if (taken > 0)
			*at(backlog, kept++) = waiting;
		else
			kept++;
	}
	backlog->count = kept;
	return taken;
}

size_t backlog_ready(const struct backlog *backlog, struct mono now)
{
	size_t ready = 0;

	for (size_t i = 0; i < backlog->count; i++)
		ready += may_go(at(backlog, i), now);
	return ready;
}
