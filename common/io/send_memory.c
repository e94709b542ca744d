#include "io/send_memory.h"

#include <stdlib.h>

static int compare(const void *one, const void *other)
{
	const struct send_record *a = one, *b = other;
	int order = uuid_cmp(&a->id, &b->id);

	if (order != 0)
		return order;
	if (a->attempt != b->attempt)
		return a->attempt < b->attempt ? -1 : 1;
	return a->fence_at.us < b->fence_at.us ? -1 : a->fence_at.us > b->fence_at.us;
}

size_t send_memory_fold(struct send_record *sends, size_t count)
{
	size_t kept = 0;

	if (count > 0)
		qsort(sends, count, sizeof(*sends), compare);
	for (size_t i = 0; i < count; i++) {
		if (kept > 0 && uuid_cmp(&sends[kept - 1].id, &sends[i].id) == 0)
			kept--;
		sends[kept++] = sends[i];
	}
	return kept;
}

size_t send_memory_forgotten(const struct send_record *sends, size_t count, const struct known_attempt *known,
	size_t known_count, struct forgotten *ret)
{
	size_t found = 0, row = 0;

	for (size_t i = 0; i < count; i++) {
		while (row < known_count && uuid_cmp(&known[row].id, &sends[i].id) < 0)
			row++;

		bool rowless = row == known_count || uuid_cmp(&known[row].id, &sends[i].id) != 0;
		if (rowless || known[row].attempt < sends[i].attempt)
			ret[found++] = (struct forgotten){.send = sends[i], .rowless = rowless};
	}
	return found;
}

bool send_memory_vouches(struct instant newest, struct instant now)
{
	return instant_is_set(newest) && instant_ms_between(newest, now) <= SEND_MEMORY_RECENT_MS;
}
