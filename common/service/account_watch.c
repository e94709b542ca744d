#include "service/account_watch.h"

#include "base/log.h"
#include "base/metric.h"

/* What a full table of open files broke heals without a further change of the files. */
enum { LOOK_EVERY_MS = 1000, TRY_AGAIN_MS = 10000 };

METRIC(reload_total, .name = "mkondo_accounts_reload_total",
	.help = "Changes of the accounts' files while the service runs: taken, or refused, so that the "
		"accounts "
		"before it go on.",
	.label = "outcome", .values = "taken refused", .kind = METRIC_COUNTER);

static bool try_to_read(struct account_watch *watch, struct err *err)
{
	struct file_watch files = {0};
	const bool good = watch->read(watch->self, &files, err);

	file_watch_done(&watch->files);
	watch->files = files;
	return good;
}

bool account_watch_start(struct account_watch *watch, struct err *err)
{
	watch->troubled = false;
	watch->look_at = watch->again_at = (struct mono){0};
	return try_to_read(watch, err);
}

bool account_watch_look(struct account_watch *watch, struct mono now)
{
	struct err err = {0};
	enum file_news news;

	if (now.us < watch->look_at.us)
		return false;
	watch->look_at = mono_add_ms(now, LOOK_EVERY_MS);
	news = file_watch_look(&watch->files);
	if (news != FILES_CHANGED && (news != FILES_SAME || !watch->troubled || now.us < watch->again_at.us))
		return false;
	if (try_to_read(watch, &err)) {
		metric_add(&reload_total, "taken", 1);
		LOG(INFO, "accounts.reread", LOG_YES("healed", watch->troubled));
		watch->troubled = false;
		return true;
	}
	watch->troubled = true;
	watch->again_at = mono_add_ms(now, TRY_AGAIN_MS);
	if (news != FILES_CHANGED)
		return false;
	metric_add(&reload_total, "refused", 1);
	LOG(ALARM, "accounts.not_reread", LOG_ERR(&err));
	return false;
}

void account_watch_stop(struct account_watch *watch)
{
	file_watch_done(&watch->files);
}
