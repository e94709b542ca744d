#include "service/admin.h"
#include "base/fault.h"
#include "base/metric.h"
#include "io/clock.h"
#include "io/http_server.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { BODY_MOST = 1024, CONNECTIONS_MOST = 64, PAGE_USUAL = 64 << 10, PAGE_MOST = 16 << 20 };

struct admin {
	struct admin_hooks hooks;
	uv_loop_t loop;
	uv_async_t stop;
	struct http_server *server;
	pthread_t thread;
	struct instant since;
	char *page;
	size_t page_size;
};

METRIC(uptime, .name = "mkondo_uptime_seconds",
	.help = "Since the admin port was opened, at the start of the process.", .kind = METRIC_GAUGE);

static void reply(struct http_exchange *exchange, bool good, struct text body)
{
	http_reply(exchange, good ? 200 : 503, "text/plain; charset=utf-8", body);
}

static void on_livez(struct admin *admin, struct http_exchange *exchange)
{
	bool alive = admin->hooks.alive(admin->hooks.self);

	reply(exchange, alive, alive ? TEXT("alive\n") : TEXT("the loop has not ticked for 30 s\n"));
}

static void on_readyz(struct admin *admin, struct http_exchange *exchange)
{
	char space[2048];
	struct buf why = BUF(space);
	bool ready = admin->hooks.ready(admin->hooks.self, &why);

	if (ready)
		reply(exchange, true, TEXT("ready\n"));
	else
		reply(exchange, false, why.len > 0 ? buf_as_text(&why) : TEXT("not ready\n"));
}

/* The page grows with the number of cells, which is bounded: it is made larger until it fits, and kept. */
static void on_metrics(struct admin *admin, struct http_exchange *exchange)
{
	struct buf page;

	metric_set(&uptime, NULL, (double)instant_ms_between(admin->since, clock_wall()) / 1000);
	for (;; admin->page_size *= 2) {
		free(admin->page);
		admin->page = malloc(admin->page_size);
		must(admin->page != NULL);
		page = (struct buf){.at = admin->page, .cap = admin->page_size};
		metric_print(&page);
		if (!page.full || admin->page_size >= PAGE_MOST)
			break;
	}
	if (page.full)
		reply(exchange, false, TEXT("more metrics than a page holds\n"));
	else
		http_reply(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", buf_as_text(&page));
}

#ifdef MKONDO_FAULTS
/* GET: the list of fault.h; POST: one order. */
static void on_faults(struct admin *admin UNUSED, struct http_exchange *exchange)
{
	static char space[PAGE_USUAL];
	struct buf list = BUF(space);

	if (text_is(http_method(exchange), "POST")) {
		bool armed = fault_arm(http_body(exchange));

		reply(exchange, armed, armed ? TEXT("armed\n") : TEXT("no such hook, class or count\n"));
		return;
	}
	fault_list(&list);
	reply(exchange, true, buf_as_text(&list));
}
#endif

static const struct {
	const char *path;
	void (*on_get)(struct admin *admin, struct http_exchange *exchange);
} routes[] = {
	{"/livez", on_livez},
	{"/readyz", on_readyz},
	{"/metrics", on_metrics},
#ifdef MKONDO_FAULTS
	{"/faults", on_faults},
#endif
};

static size_t find_route(const struct http_exchange *exchange)
{
	struct text target = http_target(exchange);
	const char *query = memchr(target.at, '?', target.len);
	size_t i = 0;

	if (query != NULL)
		target.len = (size_t)(query - target.at);
	while (i < COUNT_OF(routes) && !text_is(target, routes[i].path))
		i++;
	return i;
}

static int on_headers(void *self UNUSED, struct http_exchange *exchange)
{
	if (find_route(exchange) == COUNT_OF(routes))
		return 404;
#ifdef MKONDO_FAULTS
	if (text_is(http_method(exchange), "POST") && text_is(http_target(exchange), "/faults"))
		return 0;
#endif
	return text_is(http_method(exchange), "GET") || text_is(http_method(exchange), "HEAD") ? 0 : 405;
}

static void on_request(void *self, struct http_exchange *exchange)
{
	size_t route = find_route(exchange);

	must(route < COUNT_OF(routes));
	routes[route].on_get(self, exchange);
}

static void on_stop(uv_async_t *stop)
{
	struct admin *admin = stop->data;

	http_server_free(&admin->server);
	uv_close((uv_handle_t *)stop, NULL);
}

static void *run(void *self)
{
	struct admin *admin = self;

	uv_run(&admin->loop, UV_RUN_DEFAULT);
	return NULL;
}

/* Both ends of the thread's life: what is open is closed on the loop, then everything goes. */
static void admin_free(struct admin *admin)
{
	must(uv_loop_close(&admin->loop) == 0);
	free(admin->page);
	free(admin);
}

static bool begin(struct admin *admin, const struct conf_address *listen, struct err *err)
{
	const struct http_server_hooks hooks = {
		.on_headers = on_headers, .on_request = on_request, .self = admin};
	const struct http_server_conf conf = {
		.listen = *listen,
		.body_most = BODY_MOST,
		.connections_most = CONNECTIONS_MOST,
		.per_address_most = CONNECTIONS_MOST,
	};
	int code;

	if (!http_server_new(&admin->server, &admin->loop, &conf, &hooks, err))
		return false;
	code = FAULT("admin.thread", FAULT_FAILED) ? UV_EAGAIN
						   : pthread_create(&admin->thread, NULL, run, admin);
	return code == 0 || err_set(err, ERR_BROKEN, code, "no thread: %s", strerror(code));
}

bool admin_start(struct admin **ret, const struct conf_address *listen, const struct admin_hooks *hooks,
	struct err *err)
{
	struct admin *admin = calloc(1, sizeof(*admin));

	must(admin != NULL);
	admin->hooks = *hooks;
	admin->since = clock_wall();
	admin->page_size = PAGE_USUAL;
	must(uv_loop_init(&admin->loop) == 0);
	must(uv_async_init(&admin->loop, &admin->stop, on_stop) == 0);
	admin->stop.data = admin;
	if (begin(admin, listen, err)) {
		*ret = admin;
		return true;
	}
	on_stop(&admin->stop);
	uv_run(&admin->loop, UV_RUN_DEFAULT);
	admin_free(admin);
	return false;
}

uint16_t admin_port(const struct admin *admin)
{
	return http_server_port(admin->server);
}

void admin_stop(struct admin **ref)
{
	struct admin *admin = *ref;

	*ref = NULL;
	if (admin == NULL)
		return;
	uv_async_send(&admin->stop);
	pthread_join(admin->thread, NULL);
	admin_free(admin);
}
