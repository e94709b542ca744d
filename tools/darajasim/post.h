#ifndef DARAJASIM_POST_H
#define DARAJASIM_POST_H

#include "base/err.h"
#include "base/text.h"

#include <uv.h>

/*
 * The sender of callbacks: POST with a JSON body, over curl. It is not io/http_client, for it must be able to
 * come from any loopback address, and the services are to be tested by a client that is not their own.
 */
struct poster;

typedef void post_done(void *self, int http, const char *trouble); /* http 0: no answer */

bool poster_new(struct poster **ret, uv_loop_t *loop, const char *ca_file, struct err *err);
/* Copies the body. `source`: a numeric address of this machine, "" any. `done` is called exactly once. */
void poster_send(struct poster *poster, const char *url, struct text body, const char *source,
	post_done *done, void *self);
/* While `done` runs: the beginning of what was answered. */
struct text poster_answer(const struct poster *poster);
unsigned poster_waiting(const struct poster *poster);
/* Breaks off what is under way and tells each sender so. Run the loop afterwards. */
void poster_free(struct poster **poster);

#endif
