#ifndef DISPATCHER_RUNS_H
#define DISPATCHER_RUNS_H

#include <stdbool.h>

/*
 * Good and doubtful answers in the order of their coming, as runs: the breaker's "five in a row" is about the order, and ten doubts
 * scattered among fifty answers are not ten in a row. Pure. With more turns than there is room for, the last run of
 * the same kind grows: the sums stay right, and a row can only look longer than it was.
 */
enum { RUNS_MOST = 32 };

struct runs {
	struct run {
		bool doubt;
		unsigned n;
	} run[RUNS_MOST];
	unsigned count;
};

void runs_add(struct runs *runs, bool doubt);
bool runs_have_doubts(const struct runs *runs);

#endif
