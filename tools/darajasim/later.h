#ifndef DARAJASIM_LATER_H
#define DARAJASIM_LATER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/* Things to do once, after a while; and things to do as soon as the ledger is on disk. */
struct later_item;
struct later {
	uv_loop_t *loop;
	struct later_item *waiting;
};

/* over: the program ends; free what `self` owns, and do nothing else. */
typedef void later_do(void *self, bool over);

void later_init(struct later *later, uv_loop_t *loop);
void later_add(struct later *later, int64_t ms, later_do *what, void *self);
/* Tells everything that still waits that it is over. */
void later_done(struct later *later);

struct outbox {
	struct outbox_item {
		later_do *what;
		void *self;
	} * items;
	unsigned count, cap;
};

void outbox_add(struct outbox *outbox, later_do *what, void *self);
/* Does all of them in order; what they add waits for the next time. */
void outbox_empty(struct outbox *outbox, bool over);
void outbox_done(struct outbox *outbox);

#endif
