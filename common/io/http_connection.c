#include "io/http_connection.h"

#include <stdlib.h>
#include <string.h>

/*
 * One connection, from phase to phase:
 *
 *	wait -> head -> body -> pending -> reply -> wait ... -> linger -> closed
 *
 * Deadlines are set when a phase begins and never moved by bytes. One request at a time: what comes behind a request is kept
 * until its reply is out, and no more is read meanwhile than one read brings.
 */
enum { LINGER_MS = 1000 };

static bool takes_bytes(const struct http_connection *connection)
{
	return connection->phase == PHASE_WAIT || connection->phase == PHASE_HEAD ||
	       connection->phase == PHASE_BODY || connection->phase == PHASE_LINGER;
}

/* The connection and its request part: the handler's reply will find nobody, or there is no handler and it goes. */
static void part(struct http_connection *connection)
{
	struct http_exchange *exchange = connection->exchange;

	connection->exchange = NULL;
	if (exchange == NULL)
		return;
	exchange->connection = NULL;
	if (exchange->handed_over)
		connection->server->pending--;
	else
		http_exchange_free(exchange);
}

static void on_closed(uv_handle_t *handle)
{
	struct http_connection *connection = handle->data;

	http_server_forget(connection);
	tls_link_free(&connection->tls);
	free(connection->kept);
	free(connection);
}

void http_connection_close(struct http_connection *connection)
{
	if (connection->phase == PHASE_CLOSED)
		return;
	http_server_file(connection, PHASE_CLOSED, 0);
	part(connection);
	uv_close((uv_handle_t *)&connection->tcp, on_closed);
}

/* Says why and hangs up; the request goes no further. */
static void refuse(struct http_connection *connection, int status)
{
	char text[64];
	struct buf body = BUF(text);

	part(connection);
	connection->last = true;
	buf_print(&body, "%d %s\n", status, http_reason(status));
	http_connection_reply(connection, status, "text/plain", buf_as_text(&body), false);
}

void http_connection_begin(struct http_connection *connection)
{
	http_server_file(connection, PHASE_WAIT, (uint64_t)connection->server->conf.header_ms);
	connection->request_at = uv_now(connection->server->loop);
	if (connection->server->conf.tls != NULL)
		connection->tls = tls_link_new(connection->server->conf.tls);
	http_socket_read(connection, true);
}

/* The first byte of a request. The first request of a connection counts from the accept. */
static void begin_request(struct http_connection *connection)
{
	struct http_server *server = connection->server;
	struct http_exchange *exchange = calloc(1, sizeof(*exchange));
	bool first = connection->request_at != 0;
	uint64_t now = uv_now(server->loop), deadline = connection->deadline;

	must(exchange != NULL);
	exchange->connection = connection;
	memcpy(exchange->peer, connection->address->text, sizeof(exchange->peer));
	connection->exchange = exchange;
	http_server_file(connection, PHASE_HEAD, (uint64_t)server->conf.header_ms);
	if (first)
		connection->deadline = deadline;
	else
		connection->request_at = now;
}

static void gather_head(struct http_exchange *exchange, struct text bytes)
{
	size_t want = exchange->block_len + bytes.len;

	if (want > exchange->block_cap) {
		size_t cap = want < 1024                      ? 1024
			     : want < 2 * exchange->block_cap ? 2 * exchange->block_cap
							      : want;

		exchange->block = realloc(exchange->block, cap);
		must(exchange->block != NULL);
		exchange->block_cap = cap;
	}
	memcpy(exchange->block + exchange->block_len, bytes.at, bytes.len);
	exchange->block_len = want;
	/* One empty line ahead of a request is allowed: RFC 9112, 2.2. */
	if (!exchange->stripped && want >= 2) {
		exchange->stripped = true;
		if (memcmp(exchange->block, "\r\n", 2) == 0) {
			exchange->block_len -= 2;
			exchange->seen = 0;
			memmove(exchange->block, exchange->block + 2, exchange->block_len);
		}
	}
}

static void hand_over(struct http_connection *connection)
{
	struct http_server *server = connection->server;

	connection->request_at = 0;
	connection->exchange->handed_over = true;
	server->pending++;
	http_server_file(connection, PHASE_PENDING, (uint64_t)server->conf.pending_ms);
	server->hooks.on_request(server->hooks.self, connection->exchange);
}

/* The head is whole: who may in, and how the body is framed. `more`: body bytes came along. */
static void head_done(struct http_connection *connection, bool more)
{
	struct http_server *server = connection->server;
	struct http_exchange *exchange = connection->exchange;
	struct http_head *head = &exchange->head;
	uint64_t now = uv_now(server->loop), spent = now - connection->request_at;
	uint64_t total = (uint64_t)server->conf.body_ms;
	int status = http_head_parse((struct text){exchange->block, exchange->block_len}, head);

	if (status == 0 && server->hooks.on_headers != NULL)
		status = server->hooks.on_headers(server->hooks.self, exchange);
	if (status == 0)
		status =
			http_body_begin(&exchange->body, head->chunked, head->length, server->conf.body_most);
	if (status != 0) {
		refuse(connection, status);
		return;
	}
	connection->last = !head->keep_alive || server->draining;
	if (exchange->body.whole) {
		hand_over(connection);
		return;
	}
	http_server_file(connection, PHASE_BODY, spent < total ? total - spent : 0);
	if (head->wants_continue && !more)
		http_socket_write(connection, &TEXT("HTTP/1.1 100 Continue\r\n\r\n"), 1, false);
}

static size_t feed_head(struct http_connection *connection, struct text bytes)
{
	struct http_exchange *exchange = connection->exchange;
	size_t before = exchange->block_len, room = HTTP_HEAD_MOST - before, len = 0;

	if (bytes.len > room)
		bytes.len = room;
	gather_head(exchange, bytes);
	struct text block = {exchange->block, exchange->block_len};
	switch (http_head_find(block, &exchange->seen, &len)) {
	case HTTP_HEAD_MORE:
		if (exchange->block_len == HTTP_HEAD_MOST)
			refuse(connection, http_head_too_long(block));
		return bytes.len;
	case HTTP_HEAD_BAD:
		refuse(connection, 400);
		return bytes.len;
	case HTTP_HEAD_WHOLE:
		break;
	}
	size_t behind = exchange->block_len - len;
	exchange->block_len = len;
	head_done(connection, behind > 0);
	return bytes.len - behind;
}

static size_t feed_body(struct http_connection *connection, struct text bytes)
{
	struct http_body *body = &connection->exchange->body;
	size_t used = 0;
	int status = http_body_feed(body, bytes, &used);

	if (status != 0) {
		refuse(connection, status);
		return bytes.len;
	}
	if (body->whole)
		hand_over(connection);
	return used;
}

static size_t feed(struct http_connection *connection, struct text bytes)
{
	if (connection->phase == PHASE_LINGER)
		return bytes.len;
	if (connection->phase == PHASE_WAIT)
		begin_request(connection);
	return connection->phase == PHASE_HEAD ? feed_head(connection, bytes) : feed_body(connection, bytes);
}

/* `bytes` may be what is kept; whatever this request does not take is kept for the next. */
static void feed_all(struct http_connection *connection, struct text bytes)
{
	connection->feeding = true;
	while (bytes.len > 0 && takes_bytes(connection)) {
		size_t used = feed(connection, bytes);

		bytes.at += used;
		bytes.len -= used;
	}
	connection->feeding = false;
	if (connection->phase == PHASE_CLOSED)
		return;
	char *kept = NULL;
	if (bytes.len > 0) {
		kept = malloc(bytes.len);
		must(kept != NULL);
		memcpy(kept, bytes.at, bytes.len);
	}
	free(connection->kept);
	connection->kept = kept;
	connection->kept_len = bytes.len;
	if (takes_bytes(connection) && connection->eof)
		http_connection_close(connection);
	else
		http_socket_read(connection, takes_bytes(connection) || bytes.len == 0);
}

void http_connection_received(struct http_connection *connection, struct text bytes)
{
	/* Reading goes on while a reply is pending, so that a client that resets is noticed; what comes stops it. */
	feed_all(connection, bytes);
}

void http_connection_ended(struct http_connection *connection)
{
	connection->eof = true;
	/* A client may close its half and still wait for its reply. */
	if (takes_bytes(connection))
		http_connection_close(connection);
}

void http_connection_written(struct http_connection *connection)
{
	struct http_server *server = connection->server;

	if (connection->abrupt || (connection->last && connection->eof)) {
		http_connection_close(connection);
		return;
	}
	if (connection->last) {
		http_server_file(connection, PHASE_LINGER, LINGER_MS);
		http_socket_finish(connection);
		if (!connection->feeding)
			http_socket_read(connection, true);
		return;
	}
	/* Never from within http_reply: a handler that replies to one request is not called for the next. */
	if (!connection->feeding && connection->kept_len > 0) {
		http_server_file(connection, PHASE_READY, (uint64_t)server->conf.header_ms);
		return;
	}
	http_server_file(connection, PHASE_WAIT, (uint64_t)server->conf.idle_ms);
	if (!connection->feeding)
		feed_all(connection, (struct text){NULL, 0});
}

void http_connection_next(struct http_connection *connection)
{
	http_server_file(connection, PHASE_WAIT, (uint64_t)connection->server->conf.idle_ms);
	feed_all(connection, (struct text){connection->kept, connection->kept_len});
}

void http_connection_expired(struct http_connection *connection)
{
	if (connection->phase == PHASE_PENDING)
		refuse(connection, 503);
	else if (connection->phase == PHASE_HEAD || connection->phase == PHASE_BODY)
		refuse(connection, 408);
	else
		http_connection_close(connection);
}
