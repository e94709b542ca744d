#include "webhook/tls.h"

#include "base/log.h"
#include "base/metric.h"

enum {
	LOOK_EVERY_MS = 1000,
	DAY_S = 86400,
	WARN_DAYS = 21,
	ALARM_DAYS = 3,
	TELL_EVERY_MS = 12 * 3600 * 1000
};

#define FILE_ROW(n, field, text)                                                                             \
	{                                                                                                    \
		.name = n, .type = CONF_FILE, .at = offsetof(struct tls_settings, field), .fallback = "",    \
		.about = text                                                                                \
	}

const struct conf_row tls_conf_rows[] = {
	FILE_ROW("MKONDO_WEBHOOK_TLS_CERT_FILE", certificate,
		"The webhook's certificate with its chain, PEM; not set: plain HTTP. It, and the files "
		"below, are read again when "
		"they change."),
	FILE_ROW("MKONDO_WEBHOOK_TLS_KEY_FILE", key, "Its private key, PEM."),
	FILE_ROW("MKONDO_WEBHOOK_TLS_CERT2_FILE", certificate2,
		"A second certificate for the same name, of another kind of key: RSA beside an elliptic "
		"curve, for callers that "
		"know no curves."),
	FILE_ROW("MKONDO_WEBHOOK_TLS_KEY2_FILE", key2, "The second certificate's private key, PEM."),
	FILE_ROW("MKONDO_WEBHOOK_TLS_CLIENT_CA_FILE", client_ca,
		"Certificates, PEM: whoever calls must show one that these have signed. Daraja shows none."),
	{.name = NULL},
};

METRIC(days_left, .name = "mkondo_webhook_certificate_days",
	.help = "Until the first of the webhook's certificates ends; nothing without TLS.",
	.kind = METRIC_GAUGE);
METRIC(nothing_total, .name = "mkondo_webhook_connections_failed_total",
	.help = "Connections that came to nothing before there was a request: tls: no TLS, or a handshake "
		"that broke; "
		"handshakes: over the limit of their address; crowded: over the number of connections, of "
		"all or of their "
		"address.",
	.label = "why", .values = "tls handshakes crowded", .kind = METRIC_COUNTER);

static bool told(const char *text)
{
	return text != NULL && text[0] != '\0';
}

static bool check_pair(const char *certificate, const char *key, const char *number, struct err *err)
{
	return told(certificate) == told(key) ||
	       err_set(err, ERR_BROKEN, 0,
		       "MKONDO_WEBHOOK_TLS_CERT%s_FILE and MKONDO_WEBHOOK_TLS_KEY%s_FILE go together, and %s "
		       "is not set",
		       number, number, told(certificate) ? "the second" : "the first");
}

bool tls_open(struct tls *tls, const struct tls_settings *settings, struct mono now, struct err *err)
{
	const struct tls_server_conf conf = {
		.pairs = {{settings->certificate, settings->key},
			{told(settings->certificate2) ? settings->certificate2 : NULL,
				told(settings->key2) ? settings->key2 : NULL}},
		.client_ca = told(settings->client_ca) ? settings->client_ca : NULL};

	*tls = (struct tls){0};
	if (!check_pair(settings->certificate, settings->key, "", err) ||
		!check_pair(settings->certificate2, settings->key2, "2", err))
		return false;
	if (told(settings->certificate))
		return tls_server_new(&tls->server, &conf, now, err);
	if (told(settings->certificate2) || told(settings->client_ca))
		return err_set(err, ERR_BROKEN, 0,
			"MKONDO_WEBHOOK_TLS_CERT_FILE is not set, and the other settings of TLS need it");
	return true;
}

static void tell_end(struct tls *tls, struct mono now, struct instant at)
{
	const int64_t days = instant_ms_between(at, tls_server_ends(tls->server)) / 1000 / DAY_S;

	metric_set(&days_left, NULL, (double)days);
	if (days >= WARN_DAYS || (tls->told_at.us != 0 && mono_ms_between(tls->told_at, now) < TELL_EVERY_MS))
		return;
	tls->told_at = now;
	if (days < ALARM_DAYS)
		LOG(ALARM, "certificate.ends", LOG_NUM("days", days));
	else
		LOG(WARN, "certificate.ends_soon", LOG_NUM("days", days));
}

void tls_look(struct tls *tls, const struct http_server *server, struct mono now, struct instant at)
{
	const struct http_server_counts counted = http_server_counted(server);
	struct err err;

	if (tls->looked_at.us != 0 && mono_ms_between(tls->looked_at, now) < LOOK_EVERY_MS)
		return;
	tls->looked_at = now;

	metric_add(&nothing_total, "tls", (int64_t)(counted.tls_failed - tls->counted.tls_failed));
	metric_add(&nothing_total, "handshakes",
		(int64_t)(counted.handshakes_refused - tls->counted.handshakes_refused));
	metric_add(&nothing_total, "crowded", (int64_t)(counted.crowded - tls->counted.crowded));
	tls->counted = counted;
	if (tls->server == NULL)
		return;
	switch (tls_server_refresh(tls->server, now, &err)) {
	case TLS_SAME:
		break;
	case TLS_NEW:
		LOG(INFO, "certificate.reread",
			LOG_NUM("days", instant_ms_between(at, tls_server_ends(tls->server)) / 1000 / DAY_S));
		tls->told_at = (struct mono){0};
		break;
	case TLS_BAD:
		LOG(ALARM, "certificate.not_reread", LOG_ERR(&err));
		break;
	}
	tell_end(tls, now, at);
}

void tls_close(struct tls *tls)
{
	tls_server_free(&tls->server);
}
