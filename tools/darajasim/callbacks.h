#ifndef DARAJASIM_CALLBACKS_H
#define DARAJASIM_CALLBACKS_H

#include "darajasim/sim.h"
#include "darajasim/variant.h"

/* Arranges what the deal's plan says about its callbacks, counted from now. */
void callbacks_plan(struct sim *sim, struct deal *deal);
/* A question's result: the deal is freed afterwards. */
void callbacks_plan_answer(struct sim *sim, struct deal *question);
/* One more, at once: by hand, for tests. `url` and `source` may be "": the deal's, the plan's. */
void callbacks_send(
	struct sim *sim, struct deal *deal, enum variant variant, const char *url, const char *source);
/* Any bytes to any address. */
void callbacks_send_bytes(struct sim *sim, const char *url, struct text body, const char *source);

#endif
