#include "io/account_book.h"

#include "core/account_follow.h"
#include "io/account_check.h"
#include "io/account_file.h"
#include "io/file.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MOST = 1 << 20 };

struct account_book {
	struct arena arena;
	struct account *accounts;
	size_t count;
	atomic_uint holds;
};

static const char *const environments[] = {"sandbox", "production", NULL};
static const char *const b2c_versions[] = {"v3", "v1", NULL};
static const char *const c2b_versions[] = {"v2", "v1", NULL};
static const char *const till_identifiers[] = {"2", "4", NULL};
static const char *const no_or_yes[] = {"no", "yes", NULL};

#define ROW(n, t, field, standard, text)                                                                     \
	{                                                                                                    \
		.name = n, .type = t, .at = offsetof(struct account_conf, field), .fallback = standard,      \
		.about = text                                                                                \
	}

#define CHOICE(n, field, standard, list, text)                                                               \
	{                                                                                                    \
		.name = n, .type = CONF_CHOICE, .at = offsetof(struct account_conf, field),                  \
		.fallback = standard, .choices = list, .about = text                                         \
	}

const struct conf_row account_conf_rows[] = {
	{.name = "MPESA_ENVIRONMENT",
		.type = CONF_CHOICE,
		.at = offsetof(struct account_conf, environment),
		.fallback = "sandbox",
		.choices = environments,
		.about = "Which Daraja the account default, and accounts that do not say, belong to."},
	ROW("MPESA_CONSUMER_KEY", CONF_SECRET, consumer_key, "",
		"Consumer key of the Daraja app of the account default."),
	ROW("MPESA_CONSUMER_SECRET", CONF_SECRET, consumer_secret, "", "Consumer secret of that app."),
	ROW("MPESA_BUSINESS_SHORT_CODE", CONF_STRING, shortcode, "",
		"Shortcode of the account default: the paybill, or for a till its store number."),
	ROW("MPESA_PASSKEY", CONF_SECRET, passkey, "",
		"Passkey of the shortcode; without it there is no STK push."),
	ROW("MPESA_INITIATOR_NAME", CONF_STRING, initiator, "",
		"API operator of the shortcode; without it there are no payouts and no status questions."),
	ROW("MPESA_SECURITY_CREDENTIAL", CONF_SECRET, security_credential, "",
		"The initiator's password, encrypted already, in base64."),
	ROW("MPESA_INITIATOR_PASSWORD", CONF_SECRET, initiator_password, "",
		"The initiator's password, from which the credential is made with MPESA_CERTIFICATE_FILE."),
	ROW("MPESA_CERTIFICATE_FILE", CONF_FILE, certificate_file, "",
		"Safaricom's certificate of the environment, PEM or DER; it may be expired."),
	ROW("MPESA_C2B_SECRET", CONF_SECRET, c2b_secret, "",
		"32 to 128 hex digits in the addresses that c2b_register gives to Daraja; without it they "
		"cannot be registered."),
	ROW("MPESA_BILL_APP_KEY", CONF_SECRET, bill_app_key, "",
		"Bill Manager's app_key, as the result of bill_opt_in told it: its calls carry it in a "
		"header. "
		"Without it they go without."),
	CHOICE("MPESA_B2C_VERSION", b2c_version, "v3", b2c_versions,
		"The version of B2C that the app was given; v1 has no id of the merchant's, so that a payout "
		"whose "
		"answer is lost cannot be asked about."),
	CHOICE("MPESA_C2B_VERSION", c2b_version, "v2", c2b_versions,
		"The version of C2B that the app was given; another one's is refused with 401.003.01."),
	CHOICE("MPESA_TILL_IDENTIFIER", till_identifier, "2", till_identifiers,
		"What says that the receiver of a b2b is a till: 2 in the field, 4 on the portal."),
	CHOICE("MPESA_OLDER_B2B", older_b2b, "no", no_or_yes,
		"Whether b2b lets kinds through that the portal does not list any more."),
	ROW("MPESA_API_BASE_URL", CONF_URL, api_base, "",
		"Where Daraja is, when it is not at its own host: the simulator."),
	ROW("MKONDO_ACCOUNTS_FILE", CONF_FILE, accounts_file, "",
		"YAML file with further accounts; it and the files that it names are read again when they "
		"change."),
	{.name = NULL},
};

static bool told(const char *text)
{
	return text != NULL && text[0] != '\0';
}

/* Half an account in the variables is a mistake to be told, and not the same as none. */
static bool has_default(const struct account_conf *conf)
{
	return told(conf->consumer_key) || told(conf->consumer_secret) || told(conf->shortcode) ||
	       told(conf->passkey) || told(conf->initiator) || told(conf->security_credential) ||
	       told(conf->initiator_password);
}

static struct account_draft default_draft(const struct account_conf *conf)
{
	return (struct account_draft){
		.name = "default",
		.app = "default",
		.shortcode = conf->shortcode,
		.consumer_key = conf->consumer_key,
		.consumer_secret = conf->consumer_secret,
		.passkey = conf->passkey,
		.initiator = conf->initiator,
		.initiator_password = conf->initiator_password,
		.security_credential = conf->security_credential,
		.certificate_file = conf->certificate_file,
		.c2b_secret = conf->c2b_secret,
		.bill_app_key = conf->bill_app_key,
		.b2c_version = b2c_versions[conf->b2c_version],
		.c2b_version = c2b_versions[conf->c2b_version],
		.till_identifier = till_identifiers[conf->till_identifier],
		.older_b2b = no_or_yes[conf->older_b2b],
	};
}

static void add(struct account_book *book, const struct account_draft *draft,
	const struct account_origin *origin, struct buf *faults)
{
	struct account account;
	bool good = true;

	if (!account_check(draft, origin, &book->arena, &account, faults))
		return;
	for (size_t i = 0; i < book->count && good; i++)
		good = account_check_pair(&book->accounts[i], &account, faults);
	if (good)
		book->accounts[book->count++] = account;
}

static bool read_accounts(const char *path, struct arena *arena, struct account_file **ret, struct err *err)
{
	struct text yaml;

	if (!file_read(path, FILE_MOST, arena, &yaml, err))
		return false;
	return account_file_parse(ret, yaml, err) || err_while(err, "%s", path);
}

static const char *folder_of(const char *path, struct arena *arena)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL
		       ? arena_string(arena, (struct text){path, (size_t)(slash - path) + (slash == path)})
		       : "";
}

static void add_all(struct account_book *book, const struct account_conf *conf,
	const struct account_file *file, struct file_watch *files, struct buf *faults)
{
	struct account_origin origin = {
		.dir = "",
		.production = conf->environment == 1,
		.api_base = told(conf->api_base) ? conf->api_base : "",
		.plain_secrets = true,
		.files = files,
	};
	struct account_draft draft = default_draft(conf);

	if (has_default(conf) || file == NULL)
		add(book, &draft, &origin, faults);
	origin.dir = file != NULL ? folder_of(conf->accounts_file, &book->arena) : "";
	origin.plain_secrets = false;
	for (unsigned i = 0; file != NULL && i < file->accounts_count; i++)
		add(book, &file->accounts[i], &origin, faults);
	for (size_t i = 0; i < book->count; i++)
		if (book->accounts[i].production && conf->time_scale != 0 && conf->time_scale != 1)
			buf_print(faults, "%s: MKONDO_TIME_SCALE is for tests, never with production; ",
				book->accounts[i].name);
}

bool account_book_read(
	struct account_book **ret, const struct account_conf *conf, struct file_watch *files, struct err *err)
{
	struct account_file *file = NULL;
	struct account_book *book;
	char memory[2048];
	struct buf faults = BUF(memory);

	book = calloc(1, sizeof(*book));
	must(book != NULL);
	arena_init(&book->arena);
	atomic_init(&book->holds, 1);
	if (files != NULL && told(conf->accounts_file))
		file_watch_add(files, conf->accounts_file);
	if (told(conf->accounts_file) && !read_accounts(conf->accounts_file, &book->arena, &file, err)) {
		account_book_free(&book);
		return false;
	}
	book->accounts =
		ARENA_ARRAY(&book->arena, struct account, 1 + (file != NULL ? file->accounts_count : 0));
	add_all(book, conf, file, files, &faults);
	account_file_free(&file);
	if (faults.len > 0) {
		err_set(err, ERR_BROKEN, 0, "%s", buf_end(&faults));
		account_book_free(&book);
		return false;
	}
	*ret = book;
	return true;
}

bool account_book_load(struct account_book **ret, const struct account_conf *conf, struct err *err)
{
	return account_book_read(ret, conf, NULL, err);
}

bool account_book_check_next(
	const struct account_book *book, const struct account_book *next, struct buf *faults)
{
	return account_follow_check(book->accounts, book->count, next->accounts, next->count, faults);
}

const struct account *account_book_find(const struct account_book *book, struct text name)
{
	if (name.len == 0)
		name = TEXT("default");
	for (size_t i = 0; i < book->count; i++)
		if (text_is(name, book->accounts[i].name))
			return &book->accounts[i];
	return NULL;
}

const struct account *account_book_each(const struct account_book *book, size_t index)
{
	return index < book->count ? &book->accounts[index] : NULL;
}

size_t account_book_count(const struct account_book *book)
{
	return book->count;
}

struct account_book *account_book_keep(struct account_book *book)
{
	atomic_fetch_add(&book->holds, 1);
	return book;
}

void account_book_free(struct account_book **book)
{
	struct account_book *dropped = *book;

	*book = NULL;
	if (dropped == NULL || atomic_fetch_sub(&dropped->holds, 1) > 1)
		return;
	arena_done(&dropped->arena);
	free(dropped);
}
