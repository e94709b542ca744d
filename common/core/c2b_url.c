#include "core/c2b_url.h"

#include <string.h>

static const char *const doors[] = {[C2B_CONFIRMATION] = "confirmation", [C2B_VALIDATION] = "validation"};

bool c2b_secret_check(struct text secret)
{
	for (size_t i = 0; i < secret.len; i++)
		if (!((secret.at[i] >= '0' && secret.at[i] <= '9') ||
			    (secret.at[i] >= 'a' && secret.at[i] <= 'f')))
			return false;
	return secret.len >= C2B_SECRET_LEAST && secret.len <= C2B_SECRET_MOST;
}

bool c2b_url_build(const char *base, const char *prefix, const char *secret, enum c2b_door door,
	char out[CALLBACK_URL_MOST])
{
	struct buf buf = {.at = out, .cap = CALLBACK_URL_MOST};

	out[0] = '\0';
	if (!c2b_secret_check(text_of(secret)) || callback_url_forbidden_word(base) != NULL ||
		callback_url_forbidden_word(prefix) != NULL)
		return false;
	buf_print(&buf, "%s/%s/c2b/%s/%s", base, prefix, secret, doors[door]);
	if (buf.full || buf.len == buf.cap) {
		out[0] = '\0';
		return false;
	}
	buf_end(&buf);
	return true;
}

/* Takes what `part` says from the front. */
static bool take(struct text *rest, const char *part)
{
	size_t len = strlen(part);

	if (!text_starts(*rest, part))
		return false;
	*rest = (struct text){rest->at + len, rest->len - len};
	return true;
}

bool c2b_path_parse(const char *prefix, struct text path, struct text *ret_secret, enum c2b_door *ret_door)
{
	const char *slash;
	struct text secret;

	if (!take(&path, "/") || !take(&path, prefix) || !take(&path, "/c2b/"))
		return false;
	slash = path.len > 0 ? memchr(path.at, '/', path.len) : NULL;
	if (slash == NULL)
		return false;
	secret = (struct text){path.at, (size_t)(slash - path.at)};
	path = (struct text){slash + 1, path.len - secret.len - 1};
	if (!c2b_secret_check(secret))
		return false;
	for (size_t i = 0; i < COUNT_OF(doors); i++)
		if (text_is(path, doors[i])) {
			*ret_secret = secret;
			*ret_door = (enum c2b_door)i;
			return true;
		}
	return false;
}
