#include "base/fault.h"
#include "io/tls_inside.h"

#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

/* One context for all connections of a time: a new one when the files have changed. Connections keep theirs. */
enum { SESSION_S = 2 * TICKET_HOURS * 3600 };

static const char *file_of(const struct tls_server_conf *conf, unsigned i)
{
	if (i == TLS_FILES - 1)
		return conf->client_ca;
	return i % 2 == 0 ? conf->pairs[i / 2].certificate : conf->pairs[i / 2].key;
}

/* Whether a file is another one than when we looked last; what cannot be looked at has not changed. */
static bool look_at_files(struct tls_server *server)
{
	bool changed = false;

	for (unsigned i = 0; i < TLS_FILES; i++) {
		const char *path = file_of(&server->conf, i);
		struct stat now;

		if (path == NULL || stat(path, &now) != 0)
			continue;
		if (server->seen[i].dev == now.st_dev && server->seen[i].ino == now.st_ino &&
			server->seen[i].size == now.st_size &&
			server->seen[i].at.tv_sec == now.st_mtim.tv_sec &&
			server->seen[i].at.tv_nsec == now.st_mtim.tv_nsec)
			continue;
		server->seen[i].dev = now.st_dev;
		server->seen[i].ino = now.st_ino;
		server->seen[i].size = now.st_size;
		server->seen[i].at = now.st_mtim;
		changed = true;
	}
	return changed;
}

static bool failed(struct err *err, const char *path, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return err_set(err, ERR_BROKEN, 0, "%s: %s: %s", path, what,
		reason != NULL ? reason : "OpenSSL does not say why");
}

static struct instant end_of(const X509 *certificate)
{
	struct tm parts;

	if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1)
		return (struct instant){0};
	return (struct instant){(int64_t)timegm(&parts) * 1000000};
}

static bool use_pair(
	SSL_CTX *context, const char *certificate, const char *key, struct instant *ends, struct err *err)
{
	struct instant until;

	if (certificate == NULL)
		return true;
	if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
		return failed(err, certificate, "is no PEM certificate with its chain");
	until = end_of(SSL_CTX_get0_certificate(context));
	if (ends->us == 0 || until.us < ends->us)
		*ends = until;
	if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
		return failed(err, key, "is no PEM key, or not the certificate's");
	if (SSL_CTX_check_private_key(context) != 1)
		return failed(err, key, "is not the certificate's");
	return true;
}

static bool ask_clients(SSL_CTX *context, const char *path, struct err *err)
{
	STACK_OF(X509_NAME) * names;

	if (path == NULL)
		return true;
	names = SSL_load_client_CA_file(path);
	if (names == NULL || SSL_CTX_load_verify_file(context, path) != 1)
		return failed(err, path, "has no PEM certificates of authorities");
	SSL_CTX_set_client_CA_list(context, names);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	return true;
}

/* One protocol is spoken; who offers others beside it is told so, and who offers none gets it all the same. */
static int on_alpn(SSL *ssl, const unsigned char **ret, unsigned char *ret_len, const unsigned char *offered,
	unsigned len, void *unused)
{
	static const unsigned char ours[] = "\x08http/1.1";

	(void)ssl;
	(void)unused;
	if (SSL_select_next_proto((unsigned char **)ret, ret_len, ours, sizeof(ours) - 1, offered, len) ==
		OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_OK;
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static SSL_CTX *make_context(struct tls_server *server, struct instant *ends, struct err *err)
{
	SSL_CTX *context = FAULT("tls.context", FAULT_FAILED) ? NULL : SSL_CTX_new(TLS_server_method());
	bool ok = context != NULL || failed(err, "TLS", "no context");

	*ends = (struct instant){0};
	if (context != NULL) {
		SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
		SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
						     SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
		SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
		SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
		SSL_CTX_set_session_id_context(context, (const unsigned char *)"mkondo", 6);
		SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
		SSL_CTX_set_timeout(context, SESSION_S);
		SSL_CTX_set_num_tickets(context, 1);
		SSL_CTX_set_alpn_select_cb(context, on_alpn, NULL);
		tls_tickets_use(&server->tickets, context);
	}
	for (unsigned i = 0; ok && i < TLS_CERTIFICATES; i++)
		ok = use_pair(
			context, server->conf.pairs[i].certificate, server->conf.pairs[i].key, ends, err);
	ok = ok && ask_clients(context, server->conf.client_ca, err);
	if (ok)
		return context;
	SSL_CTX_free(context);
	return NULL;
}

bool tls_server_new(
	struct tls_server **ret, const struct tls_server_conf *conf, struct mono now, struct err *err)
{
	struct tls_server *server = calloc(1, sizeof(*server));

	must(server != NULL);
	server->conf = *conf;
	server->method = tls_link_method();
	tls_tickets_turn(&server->tickets, now);
	look_at_files(server);
	server->context = make_context(server, &server->ends, err);
	if (server->context == NULL) {
		tls_server_free(&server);
		return false;
	}
	*ret = server;
	return true;
}

enum tls_refreshed tls_server_refresh(struct tls_server *server, struct mono now, struct err *err)
{
	struct instant ends;
	SSL_CTX *context;

	tls_tickets_turn(&server->tickets, now);
	if (!look_at_files(server))
		return TLS_SAME;
	context = make_context(server, &ends, err);
	if (context == NULL)
		return TLS_BAD;
	SSL_CTX_free(server->context);
	server->context = context;
	server->ends = ends;
	return TLS_NEW;
}

struct instant tls_server_ends(const struct tls_server *server)
{
	return server->ends;
}

void tls_server_free(struct tls_server **at)
{
	struct tls_server *server = *at;

	*at = NULL;
	if (server == NULL)
		return;
	SSL_CTX_free(server->context);
	BIO_meth_free(server->method);
	tls_tickets_wipe(&server->tickets);
	free(server->out);
	free(server);
}
