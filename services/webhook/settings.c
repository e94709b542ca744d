#include "webhook/webhook.h"

const struct conf_row webhook_conf_rows[] = {
	{.name = "MKONDO_WEBHOOK_LISTEN",
		.type = CONF_ADDRESS,
		.at = offsetof(struct webhook_settings, listen),
		.fallback = "127.0.0.1:8080",
		.about = "Where callbacks are taken."},
	{.name = "MKONDO_CALLBACK_KEYS_FILE",
		.type = CONF_FILE,
		.at = offsetof(struct webhook_settings, keys_file),
		.about = "Keys that callback URLs are signed with: \"<id> <64 hex>\" a line; all of them are "
			 "accepted."},
	{.name = "MKONDO_CALLBACK_PREFIX",
		.type = CONF_STRING,
		.at = offsetof(struct webhook_settings, prefix),
		.fallback = "n",
		.about = "The first path segment of callback URLs."},
	{.name = "MKONDO_PLAIN_PATHS",
		.type = CONF_BOOL,
		.at = offsetof(struct webhook_settings, plain_paths),
		.fallback = "false",
		.about = "Whether the integration guide's own paths (/mpesa/b2c-result and the others) are "
			 "served too: "
			 "what comes there is signed by nobody, so it settles nothing and makes us ask."},
	{.name = "MKONDO_LOG_BODIES",
		.type = CONF_BOOL,
		.at = offsetof(struct webhook_settings, log_bodies),
		.fallback = "false",
		.about = "Whether the log has each callback, at level info; without secrets and names, "
			 "phones masked."},
	{.name = "MKONDO_CALLBACK_SOURCES",
		.type = CONF_STRING,
		.at = offsetof(struct webhook_settings, sources),
		.fallback = sources_default,
		.about =
			"Addresses and networks whose signed callbacks settle payments; others make us ask."},
	{.name = NULL},
};
