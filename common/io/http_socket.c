#include "io/http_connection.h"

#include "base/fault.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Bytes between a socket and its connection: http_connection_received on the way in, http_socket_write on the way out. */

/* Whose server it is: the webhook's shares its port. */
#define WHOSE(connection) ((connection)->server->conf.share_port ? "callbacks" : "admin")

enum { TLS_RECORD_MOST = 16 * 1024 };

struct writing {
	uv_write_t request;
	bool last_piece;
	char bytes[];
};

static struct http_connection *owner(void *stream)
{
	return ((uv_handle_t *)stream)->data;
}

static void on_alloc(uv_handle_t *handle, size_t hint, uv_buf_t *ret)
{
	struct http_server *server = owner(handle)->server;

	(void)hint;
	*ret = uv_buf_init(server->bytes, sizeof(server->bytes));
}

static void write_plain(
	struct http_connection *connection, const struct text *pieces, size_t count, bool last_piece);

/* What TLS has to say by itself: its part of a handshake, tickets, alerts. */
static void write_tls(struct http_connection *connection)
{
	struct text out = tls_link_out(connection->tls);

	if (out.len > 0)
		write_plain(connection, &out, 1, false);
}

static void received_sealed(struct http_connection *connection, struct text bytes)
{
	struct http_server *server = connection->server;
	size_t len;
	enum tls_word word = tls_link_feed(connection->tls, bytes, server->plain, &len);

	write_tls(connection);
	if (connection->phase != PHASE_CLOSED && len > 0)
		http_connection_received(connection, (struct text){server->plain, len});
	if (connection->phase == PHASE_CLOSED)
		return;
	if (word == TLS_BROKEN) {
		server->counts.tls_failed++;
		http_connection_close(connection);
	} else if (word == TLS_ENDED) {
		http_connection_ended(connection);
	}
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct http_connection *connection = owner(stream);

	if (connection->phase == PHASE_CLOSED || n == 0)
		return;
	if (FAULT_OF("server.read", FAULT_FAILED, WHOSE(connection)))
		n = UV_ECONNRESET;
	if (n > 0 && connection->tls != NULL)
		received_sealed(connection, (struct text){buf->base, (size_t)n});
	else if (n > 0)
		http_connection_received(connection, (struct text){buf->base, (size_t)n});
	else if (n == UV_EOF)
		http_connection_ended(connection);
	else
		http_connection_close(connection);
}

bool http_socket_accept(struct http_connection *connection, int fd)
{
	uv_stream_t *listener = (uv_stream_t *)&connection->server->listener;

	if (fd < 0 ? uv_accept(listener, (uv_stream_t *)&connection->tcp) != 0
		   : uv_tcp_open(&connection->tcp, fd) != 0) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	if (FAULT_OF("server.accept", FAULT_FAILED, WHOSE(connection)))
		return false;
	uv_tcp_nodelay(&connection->tcp, 1);
	return true;
}

void http_socket_read(struct http_connection *connection, bool on)
{
	uv_stream_t *stream = (uv_stream_t *)&connection->tcp;

	if (connection->reading == on || connection->phase == PHASE_CLOSED || connection->eof)
		return;
	connection->reading = on;
	if (!on)
		uv_read_stop(stream);
	else if (FAULT_OF("server.read_start", FAULT_FAILED, WHOSE(connection)) ||
		 uv_read_start(stream, on_alloc, on_read) != 0)
		http_connection_close(connection);
}

static void on_write(uv_write_t *request, int status)
{
	struct writing *writing = (struct writing *)request;
	struct http_connection *connection = owner(request->handle);
	bool last_piece = writing->last_piece;

	free(writing);
	if (connection->phase == PHASE_CLOSED)
		return;
	if (status != 0 || FAULT_OF("server.written", FAULT_LOST, WHOSE(connection)))
		http_connection_close(connection);
	else if (last_piece)
		http_connection_written(connection);
}

static void write_rest(struct http_connection *connection, const struct text *pieces, size_t count,
	size_t sent, size_t total, bool last_piece)
{
	struct writing *writing = malloc(sizeof(*writing) + total - sent);
	size_t at = 0;

	must(writing != NULL);
	writing->last_piece = last_piece;
	for (size_t i = 0; i < count; i++) {
		size_t skip = sent < pieces[i].len ? sent : pieces[i].len;

		sent -= skip;
		if (pieces[i].len > skip)
			memcpy(writing->bytes + at, pieces[i].at + skip, pieces[i].len - skip);
		at += pieces[i].len - skip;
	}
	uv_buf_t buf = uv_buf_init(writing->bytes, (unsigned)at);
	if (FAULT_OF("server.write_rest", FAULT_FAILED, WHOSE(connection)) ||
		uv_write(&writing->request, (uv_stream_t *)&connection->tcp, &buf, 1, on_write) != 0) {
		free(writing);
		http_connection_close(connection);
	}
}

static int try_write(struct http_connection *connection, uv_buf_t *bufs, unsigned count)
{
	switch (FAULT_OF("server.write", FAULT_FAILED | FAULT_SHORT | FAULT_AGAIN, WHOSE(connection))) {
	case FAULT_FAILED:
		return UV_EPIPE;
	case FAULT_AGAIN:
		return UV_EAGAIN;
	case FAULT_SHORT:
		bufs[0].len /= 2;
		count = 1;
		break;
	}
	return uv_try_write((uv_stream_t *)&connection->tcp, bufs, count);
}

static void write_plain(
	struct http_connection *connection, const struct text *pieces, size_t count, bool last_piece)
{
	uv_buf_t bufs[2];
	size_t total = 0;

	must(count <= COUNT_OF(bufs));
	for (size_t i = 0; i < count; i++) {
		bufs[i] = uv_buf_init((char *)pieces[i].at, (unsigned)pieces[i].len);
		total += pieces[i].len;
	}
	int n = total == 0 ? 0 : try_write(connection, bufs, (unsigned)count);
	if (n < 0 && n != UV_EAGAIN)
		http_connection_close(connection);
	else if (n >= 0 && (size_t)n == total) {
		if (last_piece)
			http_connection_written(connection);
	} else {
		write_rest(connection, pieces, count, n < 0 ? 0 : (size_t)n, total, last_piece);
	}
}

/* In one record, if it goes into one. */
static void write_sealed(
	struct http_connection *connection, const struct text *pieces, size_t count, bool last_piece)
{
	char record[TLS_RECORD_MOST];
	struct text out = {record, 0};
	size_t total = 0;

	for (size_t i = 0; i < count; i++)
		total += pieces[i].len;
	if (total > sizeof(record) && count > 1) {
		for (size_t i = 0; i < count && connection->phase != PHASE_CLOSED; i++)
			write_sealed(connection, &pieces[i], 1, last_piece && i + 1 == count);
		return;
	}
	for (size_t i = 0; count > 1 && i < count; out.len += pieces[i++].len)
		memcpy(record + out.len, pieces[i].at, pieces[i].len);
	if (!tls_link_write(connection->tls, count > 1 ? out : pieces[0])) {
		http_connection_close(connection);
		return;
	}
	out = tls_link_out(connection->tls);
	write_plain(connection, &out, 1, last_piece);
}

void http_socket_write(
	struct http_connection *connection, const struct text *pieces, size_t count, bool last_piece)
{
	if (connection->tls != NULL)
		write_sealed(connection, pieces, count, last_piece);
	else
		write_plain(connection, pieces, count, last_piece);
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
	(void)status;
	free(request);
}

void http_socket_finish(struct http_connection *connection)
{
	uv_shutdown_t *request = malloc(sizeof(*request));

	must(request != NULL);
	if (connection->tls != NULL) {
		tls_link_finish(connection->tls);
		write_tls(connection);
		if (connection->phase == PHASE_CLOSED) {
			free(request);
			return;
		}
	}
	if (FAULT_OF("server.shutdown", FAULT_FAILED, WHOSE(connection)) ||
		uv_shutdown(request, (uv_stream_t *)&connection->tcp, on_shutdown) != 0) {
		free(request);
		http_connection_close(connection);
	}
}
