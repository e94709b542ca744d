#include "dispatcher/runs.h"

void runs_add(struct runs *runs, bool doubt)
{
	unsigned last = runs->count;

	if (last > 0 && runs->run[last - 1].doubt == doubt)
		last--;
	else if (last == RUNS_MOST)
		last -= 2;
	else
		runs->run[runs->count++] = (struct run){.doubt = doubt};
	runs->run[last].n++;
}

bool runs_have_doubts(const struct runs *runs)
{
	return runs->count > 1 || (runs->count == 1 && runs->run[0].doubt);
}
