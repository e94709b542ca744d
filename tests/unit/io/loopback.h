#ifndef TESTS_UNIT_IO_LOOPBACK_H
#define TESTS_UNIT_IO_LOOPBACK_H

/* A raw client on loopback that shares the server's thread: every wait runs the loop. */
#include "base/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

/* With LOOPBACK_TLS defined, and peer_context set, peers speak TLS. */
#ifdef LOOPBACK_TLS
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

static SSL_CTX *peer_context;
static uv_loop_t *peer_loop; /* runs during a handshake */
#endif

struct peer {
	int fd;
#ifdef LOOPBACK_TLS
	SSL *ssl;
#endif
	char got[1 << 20];
	size_t len;
	bool closed; /* the other side ended or reset */
};

/* Runs the loop for about so many ms, or until the socket has something. */
static inline void pump(uv_loop_t *loop, int fd, int ms)
{
	uint64_t until = uv_hrtime() + (uint64_t)ms * 1000000;

	do {
		struct pollfd one = {.fd = fd, .events = POLLIN};

		uv_run(loop, UV_RUN_NOWAIT);
		if (poll(&one, fd >= 0 ? 1 : 0, 1) > 0)
			break;
	} while (uv_hrtime() < until);
	uv_run(loop, UV_RUN_NOWAIT);
}

#ifdef LOOPBACK_TLS
/* False: it did not come to be, and the peer is closed. */
static inline bool peer_handshake(struct peer *peer)
{
	peer->ssl = NULL;
	if (peer_context == NULL)
		return true;
	fcntl(peer->fd, F_SETFL, O_NONBLOCK);
	peer->ssl = SSL_new(peer_context);
	SSL_set_fd(peer->ssl, peer->fd);
	for (int i = 0; i < 300; i++) {
		int got = SSL_connect(peer->ssl), code = SSL_get_error(peer->ssl, got);

		ERR_clear_error();
		if (got == 1)
			return true;
		if (code != SSL_ERROR_WANT_READ && code != SSL_ERROR_WANT_WRITE)
			break;
		pump(peer_loop, peer->fd, 10);
	}
	peer->closed = true;
	return false;
}
#endif

/* As recv and send do, -1 with EAGAIN when it would wait. */
static inline ssize_t peer_recv(struct peer *peer, char *to, size_t room)
{
#ifdef LOOPBACK_TLS
	if (peer->ssl != NULL) {
		int got = SSL_read(peer->ssl, to, (int)room), code = SSL_get_error(peer->ssl, got);

		ERR_clear_error();
		errno = code == SSL_ERROR_WANT_READ || code == SSL_ERROR_WANT_WRITE ? EAGAIN : EPIPE;
		return got > 0 ? got : code == SSL_ERROR_ZERO_RETURN ? 0 : -1;
	}
#endif
	return recv(peer->fd, to, room, MSG_DONTWAIT);
}

static inline ssize_t peer_put(struct peer *peer, const char *from, size_t len)
{
#ifdef LOOPBACK_TLS
	if (peer->ssl != NULL) {
		int put = SSL_write(peer->ssl, from, (int)len), code = SSL_get_error(peer->ssl, put);

		ERR_clear_error();
		errno = code == SSL_ERROR_WANT_READ || code == SSL_ERROR_WANT_WRITE ? EAGAIN : EPIPE;
		return put > 0 ? put : -1;
	}
#endif
	return send(peer->fd, from, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static inline void peer_connect(struct peer *peer, uint16_t port)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int on = 1;

	peer->len = 0;
	peer->closed = false;
	peer->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(peer->fd >= 0);
	assert_int_equal(connect(peer->fd, (struct sockaddr *)&at, sizeof(at)), 0);
	setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
#ifdef LOOPBACK_TLS
	peer_handshake(peer);
#endif
}

static inline void peer_close(struct peer *peer)
{
	if (peer->fd >= 0)
		close(peer->fd);
	peer->fd = -1;
#ifdef LOOPBACK_TLS
	SSL_free(peer->ssl);
	peer->ssl = NULL;
#endif
}

/* RST instead of FIN. */
static inline void peer_reset(struct peer *peer)
{
	struct linger hard = {.l_onoff = 1};

	setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	peer_close(peer);
}

static inline void peer_read(struct peer *peer)
{
	while (!peer->closed && peer->len < sizeof(peer->got) - 1) {
		ssize_t n = peer_recv(peer, peer->got + peer->len, sizeof(peer->got) - 1 - peer->len);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n <= 0)
			peer->closed = true;
		else
			peer->len += (size_t)n;
	}
	peer->got[peer->len] = '\0';
}

static inline void peer_send(struct peer *peer, uv_loop_t *loop, struct text bytes)
{
	size_t at = 0;

	while (at < bytes.len) {
		ssize_t n = peer_put(peer, bytes.at + at, bytes.len - at);

		if (n > 0)
			at += (size_t)n;
		else if (errno != EAGAIN)
			return;
		uv_run(loop, UV_RUN_NOWAIT);
		peer_read(peer);
	}
}

/* How many complete status lines have come. */
static inline unsigned peer_statuses(const struct peer *peer, int *ret, unsigned most)
{
	const char *at = peer->got;
	unsigned count = 0;

	while ((at = strstr(at, "HTTP/1.1 ")) != NULL && count < most) {
		ret[count++] = (int)strtol(at + 9, NULL, 10);
		at += 9;
	}
	return count;
}

/* Runs the loop until the peer was closed, or ms have passed. */
static inline void peer_until_closed(struct peer *peer, uv_loop_t *loop, int ms)
{
	uint64_t until = uv_hrtime() + (uint64_t)ms * 1000000;

	while (!peer->closed && uv_hrtime() < until) {
		pump(loop, peer->fd, 10);
		peer_read(peer);
	}
}

/* Runs the loop until so many statuses came, the peer was closed, or ms have passed. */
static inline void peer_until(struct peer *peer, uv_loop_t *loop, unsigned statuses, int ms)
{
	uint64_t until = uv_hrtime() + (uint64_t)ms * 1000000;
	int seen[64];

	while (!peer->closed && uv_hrtime() < until && peer_statuses(peer, seen, 64) < statuses) {
		pump(loop, peer->fd, 10);
		peer_read(peer);
	}
}

#endif
