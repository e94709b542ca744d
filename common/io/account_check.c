#include "io/account_check.h"

#include "base/base64.h"
#include "core/c2b_url.h"
#include "io/account_url.h"
#include "io/credential.h"
#include "io/file.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NAME_MOST = 64, SECRET_MOST = 4096, CERTIFICATE_MOST = 65536 };

struct check {
	const struct account_draft *draft;
	const struct account_origin *origin;
	struct arena *arena;
	struct buf *faults;
	bool good;
};

static const char *or_empty(const char *text)
{
	return text != NULL ? text : "";
}

static bool told(const char *text)
{
	return text != NULL && text[0] != '\0';
}

static void PRINTF_LIKE(2, 3) fault(struct check *check, const char *fmt, ...)
{
	char text[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	check->good = false;
	buf_str(check->faults, or_empty(check->draft->name));
	buf_str(check->faults, ": ");
	buf_str(check->faults, text);
	buf_str(check->faults, "; ");
}

static bool is_name(const char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._-");

	return len > 0 && text[len] == '\0' && len <= NAME_MOST;
}

/* Visible ASCII without spaces: it goes into a header, or before a colon. */
static bool is_word(const char *text)
{
	for (const char *at = text; *at != '\0'; at++)
		if (*at <= ' ' || *at > '~')
			return false;
	return true;
}

static bool read_file(struct check *check, const char *name, size_t most, const char *path, struct text *ret)
{
	struct err err = {0};
	bool here = path[0] == '/' || check->origin->dir[0] == '\0';

	if (!here)
		path = arena_print(check->arena, "%s/%s", check->origin->dir, path);
	if (check->origin->files != NULL)
		file_watch_add(check->origin->files, path);
	if (file_read(path, most, check->arena, ret, &err))
		return true;
	fault(check, "%s: %s", name, err.text);
	return false;
}

/* Told plainly or by file, and never both ways: nobody could say which one is in use. "" when not told. */
static const char *secret(
	struct check *check, const char *name, const char *plain, const char *path, bool production)
{
	struct text text;
	const char *found;

	if (told(plain) && told(path)) {
		fault(check, "%s and %s_file are both told", name, name);
		return "";
	}
	if (!told(path)) {
		if (told(plain) && production && !check->origin->plain_secrets)
			fault(check, "with production %s must be in a file (%s_file)", name, name);
		return arena_string(check->arena, text_of(or_empty(plain)));
	}
	if (!read_file(check, name, SECRET_MOST, path, &text))
		return "";
	while (text.len > 0 && (text.at[text.len - 1] == '\n' || text.at[text.len - 1] == '\r'))
		text.len--;
	found = arena_string(check->arena, text);
	if (text.len == 0 || strlen(found) != text.len)
		fault(check, "%s_file is empty or holds a zero byte", name);
	return found;
}

static const char *word_secret(
	struct check *check, const char *name, const char *plain, const char *path, bool production)
{
	const char *found = secret(check, name, plain, path, production);

	if (!is_word(found)) {
		fault(check, "%s holds spaces or characters that are not ASCII", name);
		return "";
	}
	return found;
}

static bool read_environment(struct check *check)
{
	const char *text = or_empty(check->draft->environment);

	if (text[0] == '\0')
		return check->origin->production;
	if (strcmp(text, "production") != 0 && strcmp(text, "sandbox") != 0)
		fault(check, "environment is sandbox or production");
	return strcmp(text, "production") == 0;
}

static void read_names(struct check *check, struct account *account)
{
	const struct account_draft *draft = check->draft;
	struct arena *arena = check->arena;
	const char **tenants = ARENA_ARRAY(arena, const char *, (size_t)draft->tenants_count + 1);
	size_t digits;

	account->name = arena_string(arena, text_of(or_empty(draft->name)));
	account->app = told(draft->app) ? arena_string(arena, text_of(draft->app)) : account->name;
	account->shortcode = arena_string(arena, text_of(or_empty(draft->shortcode)));
	digits = strspn(account->shortcode, "0123456789");
	if (!is_name(account->name) || !is_name(account->app))
		fault(check, "name and app are 1 to 64 of a-z 0-9 . _ -");
	if (digits < 5 || digits > 7 || account->shortcode[digits] != '\0')
		fault(check, "the shortcode is 5 to 7 digits");
	for (unsigned i = 0; i < draft->tenants_count; i++) {
		tenants[i] = arena_string(arena, text_of(or_empty(draft->tenants[i])));
		if (!is_name(tenants[i]))
			fault(check, "a tenant is 1 to 64 of a-z 0-9 . _ -");
	}
	account->tenants = tenants;
}

/* The SecurityCredential: given ready, or made from password and certificate here. */
static const char *read_credential(struct check *check, bool production)
{
	const struct account_draft *draft = check->draft;
	const char *ready = word_secret(check, "security_credential", draft->security_credential,
		draft->security_credential_file, production);
	const char *password = secret(check, "initiator_password", draft->initiator_password,
		draft->initiator_password_file, production);
	const char *built = "";
	struct text certificate;
	struct err err = {0};
	char bytes[SECRET_MOST];
	size_t len;

	if (ready[0] != '\0' && (password[0] != '\0' || told(draft->certificate_file)))
		fault(check, "security_credential is ready: initiator_password and certificate_file do not "
			     "go with it");
	else if (ready[0] != '\0' && !base64_parse(text_of(ready), bytes, sizeof(bytes), &len))
		fault(check, "security_credential is not one line of base64");
	else if ((password[0] != '\0') != told(draft->certificate_file))
		fault(check, "initiator_password and certificate_file go together");
	if (ready[0] != '\0' || password[0] == '\0' || !told(draft->certificate_file))
		return ready;
	if (!read_file(check, "certificate_file", CERTIFICATE_MOST, draft->certificate_file, &certificate))
		return "";
	if (!credential_build(certificate, text_of(password), check->arena, &built, &err))
		fault(check, "certificate_file: %s", err.text);
	return built;
}

static void read_secrets(struct check *check, struct account *account)
{
	const struct account_draft *draft = check->draft;
	bool production = account->production;

	account->consumer_key =
		word_secret(check, "consumer_key", draft->consumer_key, draft->consumer_key_file, production);
	account->consumer_secret = word_secret(
		check, "consumer_secret", draft->consumer_secret, draft->consumer_secret_file, production);
	account->passkey = word_secret(check, "passkey", draft->passkey, draft->passkey_file, production);
	account->initiator = arena_string(check->arena, text_of(or_empty(draft->initiator)));
	account->security_credential = read_credential(check, production);
	account->c2b_secret =
		word_secret(check, "c2b_secret", draft->c2b_secret, draft->c2b_secret_file, production);
	account->bill_app_key =
		word_secret(check, "bill_app_key", draft->bill_app_key, draft->bill_app_key_file, production);
	if (account->c2b_secret[0] != '\0' && !c2b_secret_check(text_of(account->c2b_secret)))
		fault(check, "c2b_secret is %d to %d lower-case hex digits", C2B_SECRET_LEAST,
			C2B_SECRET_MOST);
	if (account->consumer_key[0] == '\0' || account->consumer_secret[0] == '\0')
		fault(check, "consumer_key and consumer_secret must be told");
	if (strchr(account->consumer_key, ':') != NULL)
		fault(check, "consumer_key holds a colon");
	if (!is_word(account->initiator))
		fault(check, "initiator holds spaces or characters that are not ASCII");
	if ((account->initiator[0] != '\0') != (account->security_credential[0] != '\0'))
		fault(check, "initiator and its credential go together");
}

/* One of two, the usual one first, which is also what counts when nothing is told. True: the other. */
static bool read_other(
	struct check *check, const char *name, const char *text, const char *usual, const char *other)
{
	if (!told(text) || strcmp(text, usual) == 0)
		return false;
	if (strcmp(text, other) == 0)
		return true;
	fault(check, "%s is %s or %s, not \"%.40s\"", name, usual, other, text);
	return false;
}

static void read_versions(struct check *check, struct account *account)
{
	const struct account_draft *draft = check->draft;

	account->b2c_v1 = read_other(check, "b2c_version", draft->b2c_version, "v3", "v1");
	account->c2b_v1 = read_other(check, "c2b_version", draft->c2b_version, "v2", "v1");
	account->till_as_4 = read_other(check, "till_identifier", draft->till_identifier, "2", "4");
	account->older_b2b = read_other(check, "older_b2b", draft->older_b2b, "no", "yes");
}

/* What the account is for says what it needs. */
static void check_kind(struct check *check, const struct account *account)
{
	const char *kind = or_empty(check->draft->kind);
	bool pushes = account->passkey[0] != '\0', pays = account->initiator[0] != '\0';

	if (kind[0] == '\0') {
		if (!pushes && !pays)
			fault(check, "without passkey and initiator it can neither collect nor pay out");
	} else if (strcmp(kind, "paybill") == 0 || strcmp(kind, "till") == 0) {
		if (!pushes)
			fault(check, "a %s needs a passkey", kind);
	} else if (strcmp(kind, "payout") == 0) {
		if (!pays)
			fault(check, "a payout account needs an initiator and its credential");
	} else {
		fault(check, "kind is paybill, till or payout");
	}
}

bool account_check(const struct account_draft *draft, const struct account_origin *origin,
	struct arena *arena, struct account *ret, struct buf *faults)
{
	struct check check = {
		.draft = draft, .origin = origin, .arena = arena, .faults = faults, .good = true};
	struct account account = {0};
	const char *base = told(draft->api_base) ? draft->api_base : origin->api_base;
	const char *why;

	read_names(&check, &account);
	account.production = read_environment(&check);
	account.api_base = account_url(base, account.production, arena, &why);
	if (account.api_base == NULL)
		fault(&check, "api_base: %s", why);
	read_secrets(&check, &account);
	read_versions(&check, &account);
	check_kind(&check, &account);
	if (check.good)
		*ret = account;
	return check.good;
}

bool account_check_pair(const struct account *a, const struct account *b, struct buf *faults)
{
	bool same_key =
		strcmp(a->consumer_key, b->consumer_key) == 0 && strcmp(a->api_base, b->api_base) == 0;
	bool same_app = strcmp(a->app, b->app) == 0;

	if (strcmp(a->name, b->name) == 0) {
		buf_print(faults, "%s: there are two accounts of this name; ", a->name);
		return false;
	}
	/* An app names one token: with two keys behind it, one account would go out with the other's. */
	if (same_app && (!same_key || strcmp(a->consumer_secret, b->consumer_secret) != 0)) {
		buf_print(
			faults, "%s, %s: app %s has two keys, secrets or hosts; ", a->name, b->name, a->app);
		return false;
	}
	/* Each token of a key kills the one before: two apps would do that to each other for ever. */
	if (same_key && !same_app) {
		buf_print(faults, "%s, %s: one consumer key must be one app; ", a->name, b->name);
		return false;
	}
	return true;
}
