#include "dispatcher/dispatcher.h"

#define RATE(lane, NAME)                                                                                     \
	{                                                                                                    \
		.name = "MKONDO_RATE_" NAME, .type = CONF_INT,                                               \
		.at = offsetof(struct worker_settings, rates) + sizeof(int64_t) * (lane), .fallback = "20",  \
		.least = 1, .most = 100000,                                                                  \
		.about = "The " NAME " lane's ceiling: the most calls in any second, over all replicas."     \
	}

const struct conf_row dispatcher_conf_rows[] = {
	{.name = "MPESA_CALLBACK_BASE_URL",
		.type = CONF_URL,
		.at = offsetof(struct worker_settings, callback_base),
		.about = "Where Daraja reaches the webhook; what Daraja is given begins with it."},
	{.name = "MKONDO_CALLBACK_PREFIX",
		.type = CONF_STRING,
		.at = offsetof(struct worker_settings, callback_prefix),
		.fallback = "n",
		.about = "The first path segment of callback URLs."},
	{.name = "MKONDO_CALLBACK_KEYS_FILE",
		.type = CONF_FILE,
		.at = offsetof(struct worker_settings, callback_keys_file),
		.about = "Keys that sign callback URLs: \"<id> <64 hex>\" a line, the first signs."},
	{.name = "MKONDO_SEND_JOURNAL_DIR",
		.type = CONF_DIR,
		.at = offsetof(struct worker_settings, journal_dir),
		.about = "Folder of the send journal; one dispatcher each."},
	{.name = "MKONDO_CONNECTIONS",
		.type = CONF_INT,
		.at = offsetof(struct worker_settings, connections),
		.fallback = "200",
		.least = 1,
		.most = 2000,
		.about = "Most calls to Daraja at once."},
	{.name = "MKONDO_LOG_BODIES",
		.type = CONF_BOOL,
		.at = offsetof(struct worker_settings, log_bodies),
		.fallback = "false",
		.about = "Whether the log has each request to Daraja and each answer, at level info; without "
			 "secrets and "
			 "names, phones masked."},
	RATE(LANE_INTERACTIVE, "INTERACTIVE"),
	RATE(LANE_PAYOUT, "PAYOUT"),
	RATE(LANE_BUSINESS, "BUSINESS"),
	RATE(LANE_CARE, "CARE"),
	{.name = "MKONDO_RATE_QUERY",
		.type = CONF_INT,
		.at = offsetof(struct worker_settings, rates) + sizeof(int64_t) * LANE_QUERY,
		.fallback = "",
		.least = 1,
		.most = 100000,
		.about = "The QUERY lane's ceiling, as above; not set: 15 % of the sum of the others', at "
			 "least 1."},
	{.name = NULL},
};
