#ifndef IO_HTTP_SERVER_H
#define IO_HTTP_SERVER_H

#include "base/conf.h"
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/*
 * A strict HTTP/1.1 server on libuv and llhttp. Absolute deadlines per phase, never re-armed by bytes; caps on headers
 * (8 KiB), body, connections and connections per address; obs-fold, bare LF, duplicate or conflicting lengths, no Host or two,
 * other versions than 1.0 and 1.1, and raw bytes over the caps are refused and the connection closed. One request at a time
 * per connection: pipelined bytes wait, and their handler is not called from within a reply. A reply may come later than its
 * handler, and later than the client's leaving.
 * Everything on the loop's thread.
 */
struct http_server;
struct tls_server;
struct http_exchange; /* one request and its reply; reference counted */

struct http_server_conf {
	struct conf_address listen;
	size_t body_most; /* bytes; 64 KiB for the webhook */
	int64_t header_ms, body_ms, idle_ms, pending_ms; /* deadlines; 0: 10 s, 15 s total, 60 s, 10 s */
	/* 0: 10000, 1000. Never more than 3/4 of RLIMIT_NOFILE; when full, the oldest idle one goes. */
	unsigned connections_most, per_address_most;
	bool share_port; /* SO_REUSEPORT */
	struct tls_server *tls; /* borrowed, outlives the server; NULL: in the clear */
	unsigned handshakes_per_s; /* of one address that nobody trusts; a burst of four times that. 0: 20 */
};

struct http_server_hooks {
	/* After the headers, before any body byte: 0 lets it in, else the status to refuse with (404, 405, 413, ...). May be NULL. */
	int (*on_headers)(void *self, struct http_exchange *exchange);
	/* With TLS: an address whose handshakes are not limited, since true callers come from few. May be NULL: none is. */
	bool (*trusts)(void *self, const char *peer);
	/* The request is whole. Must lead to exactly one http_reply, at once or later. */
	void (*on_request)(void *self, struct http_exchange *exchange);
	void *self;
};

bool http_server_new(struct http_server **ret, uv_loop_t *loop, const struct http_server_conf *conf,
	const struct http_server_hooks *hooks, struct err *err);
uint16_t http_server_port(const struct http_server *server); /* the one bound, also for port 0 */
/*
 * Nobody new: who comes from now on finds the others that share the port. Who is there already may have a request on its way, so a
 * connection that says nothing is closed after 2 s only; what comes before that is served, and closes its connection.
 */
void http_server_stop_listening(struct http_server *server);
size_t http_server_connections(const struct http_server *server); /* open ones, whatever they do */
/* What came to nothing before there was a request, since the start. */
struct http_server_counts {
	uint64_t tls_failed; /* not TLS, or a handshake that broke */
	uint64_t handshakes_refused; /* over the limit of their address */
	uint64_t crowded; /* over the number of connections, of all or of their address */
};
struct http_server_counts http_server_counted(const struct http_server *server);
size_t http_server_pending(const struct http_server *server); /* requests without a reply yet */
/* Closes every connection; freed when the loop has run the close callbacks. NULL is fine. */
void http_server_free(struct http_server **server);

/* Valid until the reply. */
struct text http_method(const struct http_exchange *exchange);
struct text http_target(const struct http_exchange *exchange); /* path with query string, as it came */
struct text http_body(const struct http_exchange *exchange);
struct text http_header(
	const struct http_exchange *exchange, const char *name); /* any case; none when absent */
const char *http_peer(const struct http_exchange *exchange); /* numeric address without port */
/* The handler's own place for what belongs to this request. */
void http_exchange_set(struct http_exchange *exchange, void *data);
void *http_exchange_get(const struct http_exchange *exchange);

/* Answers; content_type NULL: no body type. After the client left or its deadline passed it does nothing; the exchange is gone afterwards. */
void http_reply(struct http_exchange *exchange, int status, const char *content_type, struct text body);
/* Sends these bytes as they are and then closes, for simulators of broken servers; an empty text closes at once. */
void http_reply_raw(struct http_exchange *exchange, struct text bytes);
/* Whether the client is still there. */
bool http_exchange_alive(const struct http_exchange *exchange);

#endif
