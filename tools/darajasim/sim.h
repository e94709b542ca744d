#ifndef DARAJASIM_SIM_H
#define DARAJASIM_SIM_H

#include "darajasim/book.h"
#include "darajasim/c2b.h"
#include "darajasim/initiator.h"
#include "darajasim/later.h"
#include "darajasim/ledger.h"
#include "darajasim/options.h"
#include "darajasim/post.h"
#include "darajasim/rates.h"
#include "darajasim/scenario.h"
#include "darajasim/secrets.h"
#include "darajasim/tokens.h"

#include "io/http_server.h"

#include <uv.h>

/* The whole simulator: one thread, one loop. */
struct sim {
	uv_loop_t loop;
	uv_prepare_t before_wait;
	uv_check_t after_wait;
	uv_signal_t on_term, on_int;
	struct options options;
	/* All that were ever loaded: transactions point into them. The last one counts. */
	struct scenario **scenarios;
	unsigned scenario_count;
	struct ledger *ledger;
	struct later later;
	struct outbox outbox;
	char pull_shortcode[8]; /* registered for Pull; "" none */
	struct book book;
	struct tokens tokens;
	struct secrets secrets;
	struct initiator *initiator; /* NULL: any */
	struct rates rates;
	struct poster *poster;
	struct c2b c2b;
	struct http_server *server;
	uint64_t requests; /* their number is their luck */
	uint64_t executions; /* their number makes the receipt */
	int64_t utility; /* what is left for payouts, in shillings */
	bool ending;
};

bool sim_start(struct sim *sim, const struct options *options, struct err *err);
void sim_run(struct sim *sim);
void sim_stop(struct sim *sim);

/* A duration of the scenario, or the usual one, under the time scale. */
int64_t sim_ms(const struct sim *sim, int64_t planned, int64_t usual);
struct scenario *sim_scenario(struct sim *sim);
bool sim_use_scenario(struct sim *sim, struct text json, struct err *err);

#endif
