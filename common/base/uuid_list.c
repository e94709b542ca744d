#include "base/uuid_list.h"

size_t uuid_find(const struct uuid *sorted, size_t count, const struct uuid *id)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = uuid_cmp(&sorted[middle], id);

		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return count;
}
