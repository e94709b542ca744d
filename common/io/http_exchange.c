#include "io/http_connection.h"

#include <stdlib.h>

/* A request as its handler sees it, and its reply. */

void http_exchange_free(struct http_exchange *exchange)
{
	if (exchange == NULL)
		return;
	http_body_done(&exchange->body);
	free(exchange->block);
	free(exchange);
}

struct text http_method(const struct http_exchange *exchange)
{
	return exchange->head.method;
}

struct text http_target(const struct http_exchange *exchange)
{
	return exchange->head.target;
}

struct text http_body(const struct http_exchange *exchange)
{
	return (struct text){exchange->body.at, exchange->body.len};
}

struct text http_header(const struct http_exchange *exchange, const char *name)
{
	return http_head_field(&exchange->head, name);
}

const char *http_peer(const struct http_exchange *exchange)
{
	return exchange->peer;
}

void http_exchange_set(struct http_exchange *exchange, void *data)
{
	exchange->data = data;
}

void *http_exchange_get(const struct http_exchange *exchange)
{
	return exchange->data;
}

bool http_exchange_alive(const struct http_exchange *exchange)
{
	return exchange->connection != NULL;
}

const char *http_reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} rows[] = {
		{200, "OK"},
		{201, "Created"},
		{202, "Accepted"},
		{204, "No Content"},
		{304, "Not Modified"},
		{307, "Temporary Redirect"},
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{408, "Request Timeout"},
		{413, "Content Too Large"},
		{414, "URI Too Long"},
		{417, "Expectation Failed"},
		{429, "Too Many Requests"},
		{431, "Request Header Fields Too Large"},
		{500, "Internal Server Error"},
		{502, "Bad Gateway"},
		{503, "Service Unavailable"},
		{504, "Gateway Timeout"},
		{505, "HTTP Version Not Supported"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (rows[i].status == status)
			return rows[i].reason;
	return "Status";
}

void http_connection_reply(struct http_connection *connection, int status, const char *content_type,
	struct text body, bool no_body)
{
	char head[512];
	struct buf out = BUF(head);

	buf_print(&out, "HTTP/1.1 %d %s\r\n", status, http_reason(status));
	if (content_type != NULL)
		buf_print(&out, "Content-Type: %s\r\n", content_type);
	if (status >= 200 && status != 204 && status != 304)
		buf_print(&out, "Content-Length: %zu\r\n", body.len);
	else
		no_body = true;
	buf_str(&out, connection->last ? "Connection: close\r\n\r\n" : "\r\n");
	must(!out.full);
	struct text pieces[] = {buf_as_text(&out), body};
	http_server_file(connection, PHASE_REPLY, (uint64_t)connection->server->conf.body_ms);
	http_socket_write(connection, pieces, no_body || body.len == 0 ? 1 : 2, true);
}

/* Parts the exchange from its connection; NULL when the client is gone. The exchange is the caller's to free. */
static struct http_connection *take_back(struct http_exchange *exchange)
{
	struct http_connection *connection = exchange->connection;

	must(exchange->handed_over);
	if (connection != NULL) {
		connection->exchange = NULL;
		connection->server->pending--;
	}
	return connection;
}

void http_reply(struct http_exchange *exchange, int status, const char *content_type, struct text body)
{
	struct http_connection *connection = take_back(exchange);

	if (connection != NULL) {
		connection->last = connection->last || connection->server->draining;
		http_connection_reply(
			connection, status, content_type, body, text_is(exchange->head.method, "HEAD"));
	}
	http_exchange_free(exchange);
}

void http_reply_raw(struct http_exchange *exchange, struct text bytes)
{
	struct http_connection *connection = take_back(exchange);

	if (connection != NULL) {
		connection->abrupt = true;
		http_server_file(connection, PHASE_REPLY, (uint64_t)connection->server->conf.body_ms);
		http_socket_write(connection, &bytes, 1, true);
	}
	http_exchange_free(exchange);
}
