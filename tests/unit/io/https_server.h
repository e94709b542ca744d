#ifndef TESTS_UNIT_IO_HTTPS_SERVER_H
#define TESTS_UNIT_IO_HTTPS_SERVER_H

/*
 * A small server on threads of its own, with or without TLS, that counts whole requests and then does what the path says:
 * /ok and /chunked answer and keep the connection, /swallow closes it without a byte, /reset resets it, /hang says nothing until the
 * client goes.
 */
#include "check.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct https_server {
	int listener;
	uint16_t port;
	SSL_CTX *tls; /* NULL: in the clear */
	pthread_t thread;
	atomic_uint requests, begun, connections, open;
	atomic_uint nth; /* of its connection, the newest request */
};

struct https_link {
	struct https_server *server;
	int fd;
	unsigned count;
	SSL *ssl;
};

static inline int link_read(struct https_link *link, char *to, int room)
{
	return link->ssl != NULL ? SSL_read(link->ssl, to, room) : (int)recv(link->fd, to, (size_t)room, 0);
}

static inline void link_write(struct https_link *link, const char *text)
{
	if (link->ssl != NULL)
		SSL_write(link->ssl, text, (int)strlen(text));
	else
		(void)!send(link->fd, text, strlen(text), MSG_NOSIGNAL);
}

/* One whole request; false: the client is gone. */
static inline bool link_request(struct https_link *link, char bytes[8192])
{
	int len = 0, n;
	const char *end, *length;

	bytes[0] = '\0';
	while ((end = strstr(bytes, "\r\n\r\n")) == NULL ||
		((length = strstr(bytes, "Content-Length: ")) != NULL && length < end &&
			len - (end + 4 - bytes) < strtol(length + 16, NULL, 10))) {
		n = link_read(link, bytes + len, 8191 - len);
		if (n <= 0)
			return false;
		if (len == 0)
			link->server->begun++;
		len += n;
		bytes[len] = '\0';
	}
	link->server->nth = ++link->count;
	link->server->requests++;
	return true;
}

static inline void *link_run(void *of)
{
	struct https_link *link = of;
	struct https_server *server = link->server;
	struct linger hard = {.l_onoff = 1};
	char bytes[8192];

	if (link->ssl == NULL || SSL_accept(link->ssl) == 1)
		while (link_request(link, bytes)) {
			if (strstr(bytes, " /reset ") != NULL)
				setsockopt(link->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
			if (strstr(bytes, " /swallow ") != NULL || strstr(bytes, " /reset ") != NULL)
				break;
			if (strstr(bytes, " /chunked ") != NULL)
				link_write(link, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
						 "4\r\n{\"fi\r\n6\r\nne\":2}\r\n0\r\n\r\n");
			else if (strstr(bytes, " /hang ") == NULL)
				link_write(link, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"fine\":1}");
		}
	SSL_free(link->ssl);
	close(link->fd);
	free(link);
	server->open--;
	return NULL;
}

static inline void *https_server_run(void *of)
{
	struct https_server *server = of;
	int fd;

	while ((fd = accept(server->listener, NULL, NULL)) >= 0) {
		struct https_link *link = calloc(1, sizeof(*link));
		pthread_t thread;

		link->server = server;
		link->fd = fd;
		if (server->tls != NULL) {
			link->ssl = SSL_new(server->tls);
			SSL_set_fd(link->ssl, fd);
		}
		server->connections++;
		server->open++;
		if (pthread_create(&thread, NULL, link_run, link) == 0)
			pthread_detach(thread);
	}
	return NULL;
}

/* For 127.0.0.1, signed by itself and valid; written to the file as the CA to trust. */
static inline SSL_CTX *https_server_tls(int ca_fd)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x509 = X509_new();
	X509_EXTENSION *san = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
	FILE *file = fdopen(dup(ca_fd), "w");

	assert_true(tls != NULL && key != NULL && x509 != NULL && san != NULL && file != NULL);
	X509_set_version(x509, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
	X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
	X509_NAME_add_entry_by_txt(
		X509_get_subject_name(x509), "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
	X509_set_issuer_name(x509, X509_get_subject_name(x509));
	X509_set_pubkey(x509, key);
	X509_add_ext(x509, san, -1);
	assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_X509(file, x509), 1);
	assert_int_equal(SSL_CTX_use_certificate(tls, x509), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(tls, key), 1);
	fclose(file);
	X509_EXTENSION_free(san);
	X509_free(x509);
	EVP_PKEY_free(key);
	return tls;
}

static inline void https_server_open(struct https_server *server, bool tls, int ca_fd)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);

	server->requests = server->begun = server->connections = server->open = 0;
	server->tls = tls ? https_server_tls(ca_fd) : NULL;
	server->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(server->listener, 100), 0);
	assert_int_equal(getsockname(server->listener, (struct sockaddr *)&at, &len), 0);
	server->port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&server->thread, NULL, https_server_run, server), 0);
}

/* After its clients are gone. */
static inline void https_server_close(struct https_server *server)
{
	shutdown(server->listener, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->listener);
	for (int i = 0; i < 5000 && server->open > 0; i++)
		usleep(1000);
	assert_int_equal(server->open, 0);
	SSL_CTX_free(server->tls);
}

#endif
