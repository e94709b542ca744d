#include "io/http_connection.h"

#include "base/fault.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utlist.h>

/* Listening, admission, deadlines. */

enum { BACKLOG = 1024, SHED_AT_ONCE = 8, PARTING_MS = 2000 };

static void free_when_closed(struct http_server *server)
{
	if (!server->freed || server->handles != 0)
		return;
	http_address_forget(server);
	free(server->plain);
	free(server);
}

static void on_own_closed(uv_handle_t *handle)
{
	struct http_server *server = handle->data;

	server->handles--;
	free_when_closed(server);
}

static void on_sweep(uv_timer_t *timer);

/* Often enough that a deadline is met within a quarter of itself, at most once a second. */
static void sweep_start(struct http_server *server)
{
	const struct http_server_conf *conf = &server->conf;
	const int64_t deadlines[] = {conf->header_ms, conf->body_ms, conf->idle_ms, conf->pending_ms};
	int64_t period = 4000;

	if (server->sweeping)
		return;
	for (size_t i = 0; i < COUNT_OF(deadlines); i++)
		if (deadlines[i] < period)
			period = deadlines[i];
	period = period / 4 < 5 ? 5 : period / 4;
	server->sweeping = true;
	uv_timer_start(&server->sweep, on_sweep, (uint64_t)period, (uint64_t)period);
}

static void sweep_list(struct http_connection *list, uint64_t now)
{
	struct http_connection *connection, *next;

	DL_FOREACH_SAFE(list, connection, next)
	if (now >= connection->deadline)
		http_connection_expired(connection);
}

static void on_sweep(uv_timer_t *timer)
{
	struct http_server *server = timer->data;
	uint64_t now = uv_now(server->loop);

	sweep_list(server->idle, now);
	sweep_list(server->busy, now);
	http_address_sweep(server, now);
	if (server->connections == 0 && server->addresses == NULL) {
		server->sweeping = false;
		uv_timer_stop(timer);
	}
}

static void on_next(uv_timer_t *timer)
{
	struct http_server *server = timer->data;

	while (server->ready != NULL)
		http_connection_next(server->ready);
}

static struct http_connection **list_of(struct http_server *server, enum http_phase phase)
{
	return phase == PHASE_WAIT ? &server->idle : phase == PHASE_READY ? &server->ready : &server->busy;
}

void http_server_file(struct http_connection *connection, enum http_phase phase, uint64_t within_ms)
{
	struct http_server *server = connection->server;
	struct http_connection **from = list_of(server, connection->phase), **to = list_of(server, phase);

	if (phase == PHASE_WAIT && server->draining && within_ms > PARTING_MS)
		within_ms = PARTING_MS;
	DL_DELETE(*from, connection);
	DL_APPEND(*to, connection);
	if (phase == PHASE_CLOSED)
		server->connections--;
	if (phase == PHASE_READY)
		uv_timer_start(&server->next, on_next, 0, 0);
	connection->phase = phase;
	connection->deadline = phase == PHASE_CLOSED ? UINT64_MAX : uv_now(server->loop) + within_ms;
}

void http_server_forget(struct http_connection *connection)
{
	struct http_server *server = connection->server;

	DL_DELETE(server->busy, connection);
	http_address_leave(connection);
	server->handles--;
	free_when_closed(server);
}

static void shed_idle(struct http_server *server, unsigned count)
{
	for (unsigned i = 0; i < count && server->idle != NULL; i++)
		http_connection_close(server->idle);
}

/* `fd` is taken; below 0: what the listener has accepted. */
static void admit(struct http_server *server, int fd)
{
	struct http_connection *connection = calloc(1, sizeof(*connection));

	must(connection != NULL);
	if (uv_tcp_init(server->loop, &connection->tcp) != 0) {
		if (fd >= 0)
			close(fd);
		free(connection);
		return;
	}
	/* What libuv tells of as EMFILE, without the connection that it has closed by then. */
	if (FAULT_OF("server.crowded", FAULT_FAILED, server->conf.share_port ? "callbacks" : "admin"))
		shed_idle(server, SHED_AT_ONCE);
	if (server->connections >= server->conf.connections_most)
		shed_idle(server, 1);
	bool full = server->connections >= server->conf.connections_most;
	server->counts.crowded += full;
	connection->tcp.data = connection;
	connection->server = server;
	connection->phase = PHASE_WAIT;
	DL_APPEND(server->idle, connection);
	server->connections++;
	server->handles++;
	sweep_start(server);
	if (!http_socket_accept(connection, fd) || full || !http_address_join(connection))
		http_connection_close(connection);
	else
		http_connection_begin(connection);
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct http_server *server = listener->data;

	if (status == 0)
		admit(server, -1);
	else if (status == UV_EMFILE || status == UV_ENFILE)
		/* Out of descriptors in spite of connections_most: let go of some that ask for nothing. */
		shed_idle(server, SHED_AT_ONCE);
}

/* Closing the listener resets those who wait in its queue, and to them the port had answered. */
static void admit_queued(struct http_server *server)
{
	uv_os_fd_t listener;
	int fd;

	if (uv_fileno((uv_handle_t *)&server->listener, &listener) != 0)
		return;
	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
		admit(server, fd);
}

/* A quarter of the descriptors stays free for everything else. */
static unsigned descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > UINT_MAX)
		return UINT_MAX;
	return (unsigned)(limit.rlim_cur - limit.rlim_cur / 4);
}

static void fill_defaults(struct http_server_conf *conf)
{
	if (conf->header_ms == 0)
		conf->header_ms = 10000;
	if (conf->body_ms == 0)
		conf->body_ms = 15000;
	if (conf->idle_ms == 0)
		conf->idle_ms = 60000;
	if (conf->pending_ms == 0)
		conf->pending_ms = 10000;
	if (conf->connections_most == 0)
		conf->connections_most = 10000;
	if (conf->connections_most > descriptors())
		conf->connections_most = descriptors();
	if (conf->per_address_most == 0)
		conf->per_address_most = 1000;
	if (conf->handshakes_per_s == 0)
		conf->handshakes_per_s = 20;
}

bool http_server_new(struct http_server **ret, uv_loop_t *loop, const struct http_server_conf *conf,
	const struct http_server_hooks *hooks, struct err *err)
{
	uint16_t port;
	int fd;

	/* libuv writes without MSG_NOSIGNAL: a client that leaves would end the process. */
	signal(SIGPIPE, SIG_IGN);
	if (!http_listen(conf, &fd, &port, err))
		return false;
	struct http_server *server = calloc(1, sizeof(*server));
	must(server != NULL);
	server->loop = loop;
	server->conf = *conf;
	server->hooks = *hooks;
	server->port = port;
	fill_defaults(&server->conf);
	if (conf->tls != NULL) {
		server->plain = malloc(TLS_PLAIN_MOST);
		must(server->plain != NULL);
	}
	must(uv_timer_init(loop, &server->sweep) == 0 && uv_timer_init(loop, &server->next) == 0 &&
		uv_tcp_init(loop, &server->listener) == 0);
	server->sweep.data = server->next.data = server->listener.data = server;
	server->handles = 3;
	server->listening = true;
	int code = FAULT_OF("server.open", FAULT_FAILED, conf->share_port ? "callbacks" : "admin")
			   ? UV_ENOMEM
			   : uv_tcp_open(&server->listener, fd);
	if (code != 0)
		close(fd);
	else
		code = FAULT_OF("server.listen", FAULT_FAILED, conf->share_port ? "callbacks" : "admin")
			       ? UV_EADDRINUSE
			       : uv_listen((uv_stream_t *)&server->listener, BACKLOG, on_connection);
	if (code != 0) {
		http_server_free(&server);
		return err_set(err, code == UV_EADDRINUSE ? ERR_RETRY : ERR_BROKEN, code,
			"cannot listen on %s port %u: %s", conf->listen.host, conf->listen.port,
			uv_strerror(code));
	}
	*ret = server;
	return true;
}

uint16_t http_server_port(const struct http_server *server)
{
	return server->port;
}

size_t http_server_pending(const struct http_server *server)
{
	return server->pending;
}

struct http_server_counts http_server_counted(const struct http_server *server)
{
	return server->counts;
}

size_t http_server_connections(const struct http_server *server)
{
	return server->connections;
}

void http_server_stop_listening(struct http_server *server)
{
	struct http_connection *connection;

	server->draining = true;
	if (!server->listening)
		return;
	admit_queued(server);
	uv_close((uv_handle_t *)&server->listener, on_own_closed);
	server->listening = false;
	uint64_t until = uv_now(server->loop) + PARTING_MS;
	DL_FOREACH(server->idle, connection)
	if (connection->deadline > until)
		connection->deadline = until;
}

void http_server_free(struct http_server **ref)
{
	struct http_server *server = *ref;
	struct http_connection *connection, *next;

	*ref = NULL;
	if (server == NULL)
		return;
	http_server_stop_listening(server);
	shed_idle(server, UINT_MAX);
	while (server->ready != NULL)
		http_connection_close(server->ready);
	DL_FOREACH_SAFE(server->busy, connection, next)
	http_connection_close(connection);
	uv_close((uv_handle_t *)&server->sweep, on_own_closed);
	uv_close((uv_handle_t *)&server->next, on_own_closed);
	server->freed = true;
}
