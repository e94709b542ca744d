#ifndef IO_TLS_INSIDE_H
#define IO_TLS_INSIDE_H

#include "io/tls_server.h"
#include "io/tls_tickets.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

/* The inside of io/tls_server: tls_server.c has the certificates, tls_link.c the connections. */

enum { TLS_FILES = 2 * TLS_CERTIFICATES + 1 };

struct tls_server {
	struct tls_server_conf conf;
	SSL_CTX *context;
	BIO_METHOD *method;
	struct tls_tickets tickets;
	struct {
		dev_t dev;
		ino_t ino;
		off_t size;
		struct timespec at;
	} seen[TLS_FILES];
	struct instant ends;
	unsigned char *out; /* what the link that spoke last has to send */
	size_t out_len, out_size;
};

struct tls_link {
	struct tls_server *server;
	SSL *ssl;
	struct text came;
	bool broken;
};

BIO_METHOD *tls_link_method(void); /* how OpenSSL reads and writes a link's bytes; the caller's to free */

#endif
