#ifndef DARAJASIM_OPTIONS_H
#define DARAJASIM_OPTIONS_H

#include "base/conf.h"
#include "base/err.h"

#include <stdint.h>

/* The command line. Texts live in argv. */
struct options {
	struct conf_address listen;
	const char *scenario; /* "" : no rules */
	const char *ledger;
	const char *port_file; /* "" : none */
	const char *callback_source, *callback_ca;
	const char *consumer_key, *consumer_secret; /* "" : any */
	const char *passkey; /* "" : any */
	const char *initiator_key, *initiator_password; /* "" : any credential will do */
	uint64_t seed;
	double time_scale;
	int64_t token_life; /* seconds; not scaled: what is told is what is meant */
	bool kill_old_tokens, sync;
	unsigned rate; /* per second, app and product; 0: no limit */
	bool help;
};

bool options_parse(int argc, char *const *argv, struct options *ret, struct err *err);
extern const char options_help[];

#endif
