#ifndef IO_HTTP_CONNECTION_H
#define IO_HTTP_CONNECTION_H

#include "io/http_body.h"
#include "io/http_head.h"
#include "io/http_server.h"
#include "io/tls_server.h"

#include <uthash.h>

/*
 * The inside of io/http_server: its files share these structs. http_server.c admits and sweeps, http_connection.c drives
 * one connection through its phases, http_exchange.c is what handlers see, http_socket.c carries bytes in and out, through TLS if there is.
 * A connection lives until its handle's close callback; an exchange until its refusal or its reply, and either may go first.
 */
enum http_phase {
	PHASE_WAIT, /* between requests, or before the first: no byte yet */
	PHASE_READY, /* as PHASE_WAIT, and bytes of the next request are kept: it is begun when the loop comes round */
	PHASE_HEAD,
	PHASE_BODY,
	PHASE_PENDING, /* the handler has it */
	PHASE_REPLY, /* a reply is not wholly in the socket yet */
	PHASE_LINGER, /* the last reply is out, the client's leftovers are read and dropped: closing at once would reset the reply away */
	PHASE_CLOSED, /* uv_close was called */
};

struct http_address { /* one peer address with connections, or one that had some a moment ago */
	char text[64];
	unsigned count;
	double handshakes; /* that it may begin, as of `at` */
	uint64_t at; /* uv_now */
	UT_hash_handle hh;
};

struct http_connection {
	uv_tcp_t tcp;
	struct http_server *server;
	struct http_connection *prev,
		*next; /* in server->idle (PHASE_WAIT, oldest first), ->ready or ->busy */
	struct http_address *address;
	struct http_exchange *exchange;
	enum http_phase phase;
	uint64_t deadline, request_at; /* uv_now */
	struct tls_link *tls; /* NULL: in the clear */
	char *kept; /* bytes behind a request that has no reply yet */
	size_t kept_len;
	bool reading, feeding, eof;
	bool last; /* no request after this one's reply */
	bool abrupt; /* close without lingering */
};

struct http_exchange {
	struct http_connection *connection; /* NULL: the client is gone */
	struct http_head head;
	struct http_body body;
	char *block; /* the head's bytes */
	size_t block_len, block_cap, seen;
	bool stripped, handed_over;
	char peer[64];
	void *data;
};

struct http_server {
	uv_loop_t *loop;
	uv_tcp_t listener;
	uv_timer_t sweep, next;
	struct http_server_conf conf;
	struct http_server_hooks hooks;
	struct http_connection *idle, *ready, *busy;
	struct http_address *addresses;
	unsigned connections;
	unsigned handles; /* that libuv has not closed yet */
	size_t pending;
	uint16_t port;
	bool draining, freed, sweeping, listening;
	struct http_server_counts counts;
	char *plain; /* with TLS: TLS_PLAIN_MOST bytes, what one read brings */
	char bytes[65536]; /* what one read brings, for all connections in turn */
};

/* http_connection.c */
void http_connection_begin(struct http_connection *connection);
void http_connection_received(struct http_connection *connection, struct text bytes);
void http_connection_ended(struct http_connection *connection); /* the client sends no more */
void http_connection_written(struct http_connection *connection);
void http_connection_next(struct http_connection *connection); /* PHASE_READY's end */
void http_connection_expired(struct http_connection *connection);
void http_connection_close(struct http_connection *connection);

/* http_exchange.c */
const char *http_reason(int status);
void http_connection_reply(struct http_connection *connection, int status, const char *content_type,
	struct text body, bool no_body);
void http_exchange_free(struct http_exchange *exchange);

/* http_listen.c: a bound socket, not listening yet. */
bool http_listen(const struct http_server_conf *conf, int *ret_fd, uint16_t *ret_port, struct err *err);

/* http_address.c: who has connections, and how many. */
/* False: this address has too many, or begins too many handshakes; it counts all the same, until http_address_leave. */
bool http_address_join(struct http_connection *connection);
void http_address_leave(struct http_connection *connection);
void http_address_sweep(struct http_server *server, uint64_t now); /* forgets those without connections */
void http_address_forget(struct http_server *server); /* all of them, at the end */

/* http_server.c */
void http_server_forget(struct http_connection *connection); /* at its handle's close callback */
void http_server_file(struct http_connection *connection, enum http_phase phase, uint64_t within_ms);

/* http_socket.c */
/* Takes `fd`; below 0: what the listener has accepted. */
bool http_socket_accept(struct http_connection *connection, int fd);
void http_socket_read(struct http_connection *connection, bool on);
/* http_connection_written follows when `last_piece` is out: from within the call when it fits into the socket. */
void http_socket_write(
	struct http_connection *connection, const struct text *pieces, size_t count, bool last_piece);
void http_socket_finish(struct http_connection *connection); /* FIN */

#endif
