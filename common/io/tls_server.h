#ifndef IO_TLS_SERVER_H
#define IO_TLS_SERVER_H

#include "base/err.h"
#include "base/text.h"
#include "base/time.h"

/*
 * TLS 1.2 and 1.3 for a server, by OpenSSL and without a socket: bytes in, bytes out. A server has up to two certificates (one of an
 * elliptic curve, which costs a tenth, and one of RSA for who wants that), takes new ones from their files without a restart, and
 * makes the keys of its session tickets anew every 12 hours; a ticket is good for two of these times. One thread.
 */
struct tls_server;
struct tls_link; /* one connection's */

enum { TLS_CERTIFICATES = 2, TLS_PLAIN_MOST = 96 * 1024, TLS_CAME_MOST = 64 * 1024 };

struct tls_server_conf {
	struct {
		const char *certificate, *key; /* files, PEM, the certificate with its chain; NULL: none */
	} pairs[TLS_CERTIFICATES];
	const char
		*client_ca; /* file, PEM: clients must show a certificate of these; NULL: none is asked for */
};

/* Strings are borrowed for as long as it lives. ERR_BROKEN names the file and what is wrong with it. */
bool tls_server_new(
	struct tls_server **ret, const struct tls_server_conf *conf, struct mono now, struct err *err);
enum tls_refreshed { TLS_SAME, TLS_NEW, TLS_BAD };
/* Each second or so. TLS_NEW: files have changed, and connections from now on have what they say. TLS_BAD: they have, and are of no use (*err tells):
   the old certificates go on; told once for each change. */
enum tls_refreshed tls_server_refresh(struct tls_server *server, struct mono now, struct err *err);
/* When the first of its certificates ends. */
struct instant tls_server_ends(const struct tls_server *server);
/* After its links. NULL is fine. */
void tls_server_free(struct tls_server **server);

struct tls_link *tls_link_new(struct tls_server *server);
void tls_link_free(struct tls_link **link);

enum tls_word {
	TLS_GOES_ON,
	TLS_ENDED, /* the other side says no more */
	TLS_BROKEN, /* not TLS, or none that we speak; what is to be sent tells it why */
};
/* All of what came, TLS_CAME_MOST bytes at most. `plain` has room for TLS_PLAIN_MOST. */
enum tls_word tls_link_feed(struct tls_link *link, struct text came, char *plain, size_t *ret_len);
/* False: the handshake is not done, or the link is broken. */
bool tls_link_write(struct tls_link *link, struct text plain);
void tls_link_finish(struct tls_link *link); /* says that no more comes */
/* What is to be sent after any of these calls, once; valid until the next call on any link of this server. */
struct text tls_link_out(struct tls_link *link);
bool tls_link_is_up(const struct tls_link *link); /* the handshake is done */

#endif
