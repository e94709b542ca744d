#include "darajasim/sim.h"

#include "darajasim/call.h"
#include "darajasim/control.h"
#include "darajasim/faults.h"
#include "darajasim/settle.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BODY_MOST = 1 << 20, PENDING_MS = 3600 * 1000, CONNECTIONS_MOST = 20000 };

int64_t sim_ms(const struct sim *sim, int64_t planned, int64_t usual)
{
	return scaled_ms(planned == PLAN_UNSET ? usual : planned, sim->options.time_scale);
}

struct scenario *sim_scenario(struct sim *sim)
{
	return sim->scenarios[sim->scenario_count - 1];
}

bool sim_use_scenario(struct sim *sim, struct text json, struct err *err)
{
	struct scenario *scenario;

	if (!scenario_parse(&scenario, json, err))
		return false;
	sim->scenarios = realloc(sim->scenarios, (sim->scenario_count + 1) * sizeof(*sim->scenarios));
	must(sim->scenarios != NULL);
	sim->scenarios[sim->scenario_count++] = scenario;
	return true;
}

static bool load_scenario(struct sim *sim, const char *path, struct err *err)
{
	struct text text = {NULL, 0};
	char *bytes = NULL;
	size_t len = 0;
	FILE *file;
	bool good;

	if (path[0] != '\0') {
		file = fopen(path, "re");
		if (file == NULL)
			return err_set(err, ERR_BROKEN, 0, "cannot read %s", path);
		bytes = malloc(BODY_MOST);
		must(bytes != NULL);
		len = fread(bytes, 1, BODY_MOST, file);
		fclose(file);
		text = (struct text){bytes, len};
	}
	good = sim_use_scenario(sim, text, err);
	free(bytes);
	return good || err_while(err, "%s", path);
}

static void refuse_path(struct http_exchange *exchange)
{
	char body[256];
	struct buf buf = BUF(body);
	struct fault fault = faults_error(faults_error_find("not_found"), "0000-0000-0000-0", &buf);

	http_reply(exchange, fault.http, fault.content_type, buf_as_text(&buf));
}

static void on_request(void *self, struct http_exchange *exchange)
{
	struct sim *sim = self;
	struct text path = http_target(exchange);
	const char *query = memchr(path.at, '?', path.len);
	enum product product;
	bool old;

	if (query != NULL)
		path.len = (size_t)(query - path.at);
	if (text_starts(path, "/sim/"))
		control_serve(sim, exchange, path);
	else if (product_from_path(path, &product, &old))
		call_serve(sim, exchange, product, old);
	else
		refuse_path(exchange);
}

/* First the disk, then the world. A truth that cannot be written down must not be told. */
static void flush(struct sim *sim)
{
	struct err err;

	while (ledger_is_dirty(sim->ledger) || sim->outbox.count > 0) {
		if (!ledger_flush(sim->ledger, &err)) {
			fprintf(stderr, "darajasim: %s\n", err.text);
			_exit(1);
		}
		outbox_empty(&sim->outbox, false);
	}
}

static void on_prepare(uv_prepare_t *handle)
{
	flush(handle->data);
}

static void on_check(uv_check_t *handle)
{
	flush(handle->data);
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct sim *sim = handle->data;

	(void)number;
	sim->ending = true;
	uv_stop(&sim->loop);
}

static void start_loop(struct sim *sim)
{
	must(uv_loop_init(&sim->loop) == 0);
	later_init(&sim->later, &sim->loop);
	uv_prepare_init(&sim->loop, &sim->before_wait);
	uv_check_init(&sim->loop, &sim->after_wait);
	uv_signal_init(&sim->loop, &sim->on_term);
	uv_signal_init(&sim->loop, &sim->on_int);
	sim->before_wait.data = sim->after_wait.data = sim->on_term.data = sim->on_int.data = sim;
	/* Timers run before the wait, sockets after it: what either wrote is flushed at once. */
	uv_prepare_start(&sim->before_wait, on_prepare);
	uv_check_start(&sim->after_wait, on_check);
	uv_signal_start(&sim->on_term, on_signal, SIGTERM);
	uv_signal_start(&sim->on_int, on_signal, SIGINT);
	(void)signal(SIGPIPE, SIG_IGN);
}

static bool start_server(struct sim *sim, struct err *err)
{
	struct http_server_conf conf = {.listen = sim->options.listen,
		.body_most = BODY_MOST,
		.idle_ms = PENDING_MS,
		.pending_ms = PENDING_MS,
		.connections_most = CONNECTIONS_MOST,
		.per_address_most = CONNECTIONS_MOST};
	struct http_server_hooks hooks = {.on_request = on_request, .self = sim};

	return http_server_new(&sim->server, &sim->loop, &conf, &hooks, err);
}

static bool write_port(const struct sim *sim, struct err *err)
{
	FILE *file;

	if (sim->options.port_file[0] == '\0')
		return true;
	file = fopen(sim->options.port_file, "we");
	if (file == NULL)
		return err_set(err, ERR_BROKEN, 0, "cannot write %s", sim->options.port_file);
	fprintf(file, "%u\n", http_server_port(sim->server));
	return fclose(file) == 0 || err_set(err, ERR_BROKEN, 0, "cannot write %s", sim->options.port_file);
}

bool sim_start(struct sim *sim, const struct options *options, struct err *err)
{
	*sim = (struct sim){.options = *options};
	start_loop(sim);
	if (!load_scenario(sim, options->scenario, err))
		return false;
	sim->utility = scenario_utility(sim_scenario(sim));
	if (!initiator_load(&sim->initiator, options->initiator_key, options->initiator_password, err))
		return false;
	if (!ledger_open(&sim->ledger, options->ledger, options->sync, settle_replay, sim, err) ||
		!poster_new(&sim->poster, &sim->loop, options->callback_ca, err) || !start_server(sim, err) ||
		!write_port(sim, err))
		return false;
	settle_resume(sim);
	return true;
}

void sim_run(struct sim *sim)
{
	while (!sim->ending)
		uv_run(&sim->loop, UV_RUN_DEFAULT);
}

static void close_any(uv_handle_t *handle, void *self)
{
	(void)self;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

/* What still waits is told that it is over before the server goes: its exchanges must be answered. */
void sim_stop(struct sim *sim)
{
	struct err err;

	later_done(&sim->later);
	poster_free(&sim->poster);
	later_done(&sim->later);
	outbox_done(&sim->outbox);
	if (sim->ledger != NULL)
		(void)ledger_flush(sim->ledger, &err);
	http_server_free(&sim->server);
	uv_close((uv_handle_t *)&sim->before_wait, NULL);
	uv_close((uv_handle_t *)&sim->after_wait, NULL);
	uv_close((uv_handle_t *)&sim->on_term, NULL);
	uv_close((uv_handle_t *)&sim->on_int, NULL);
	uv_run(&sim->loop, UV_RUN_DEFAULT);
	uv_walk(&sim->loop, close_any, NULL);
	uv_run(&sim->loop, UV_RUN_DEFAULT);
	(void)uv_loop_close(&sim->loop);
	ledger_close(&sim->ledger);
	tokens_done(&sim->tokens);
	secrets_done(&sim->secrets);
	initiator_free(&sim->initiator);
	rates_done(&sim->rates);
	book_done(&sim->book);
	c2b_done(&sim->c2b);
	for (unsigned i = 0; i < sim->scenario_count; i++)
		scenario_free(&sim->scenarios[i]);
	free(sim->scenarios);
}
