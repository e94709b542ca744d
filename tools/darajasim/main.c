#include "darajasim/sim.h"

#include <stdio.h>

enum { EXIT_USAGE = 2, EXIT_DEPENDENCY = 75 };

static void print_ready(struct sim *sim)
{
	const struct options *options = &sim->options;

	printf("{\"ready\":true,\"program\":\"darajasim\",\"listen\":\"%s:%u\",\"port\":%u,\"seed\":%llu,"
	       "\"rules\":%u,\"time_scale\":%g,\"transactions\":%u}\n",
		options->listen.host, http_server_port(sim->server), http_server_port(sim->server),
		(unsigned long long)options->seed, scenario_rules(sim_scenario(sim)), options->time_scale,
		sim->book.deals);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct options options;
	struct sim sim;
	struct err err;
	bool started;

	if (!options_parse(argc, argv, &options, &err)) {
		fprintf(stderr, "darajasim: %s\n", err.text);
		return EXIT_USAGE;
	}
	if (options.help) {
		fputs(options_help, stdout);
		return 0;
	}
	started = sim_start(&sim, &options, &err);
	if (started) {
		print_ready(&sim);
		sim_run(&sim);
	} else {
		fprintf(stderr, "darajasim: %s\n", err.text);
	}
	sim_stop(&sim);
	return started ? 0 : EXIT_DEPENDENCY;
}
