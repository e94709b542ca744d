#ifndef WEBHOOK_TLS_H
#define WEBHOOK_TLS_H

#include "base/conf.h"
#include "io/http_server.h"
#include "io/tls_server.h"

/*
 * TLS of the webhook, when nothing in front of it ends it: one or two certificates, taken anew from their files without a restart, and how long
 * they are good for. Without settings the webhook speaks plain HTTP.
 */
struct tls_settings {
	const char *certificate, *key; /* MKONDO_WEBHOOK_TLS_CERT_FILE, ..._KEY_FILE */
	const char *certificate2, *key2; /* MKONDO_WEBHOOK_TLS_CERT2_FILE, ..._KEY2_FILE */
	const char *client_ca; /* MKONDO_WEBHOOK_TLS_CLIENT_CA_FILE */
};
extern const struct conf_row tls_conf_rows[];

struct tls {
	struct tls_server *server; /* NULL: plain HTTP */
	struct mono looked_at, told_at; /* when its end was last told to the log */
	struct http_server_counts counted;
};

/* ERR_BROKEN: half a pair, or files that are of no use. */
bool tls_open(struct tls *tls, const struct tls_settings *settings, struct mono now, struct err *err);
/* Often; it looks once a second: takes new files up, with an alarm for those that are of no use; tells when a certificate ends soon; counts what came to nothing. */
void tls_look(struct tls *tls, const struct http_server *server, struct mono now, struct instant at);
/* After the server that uses it. */
void tls_close(struct tls *tls);

#endif
