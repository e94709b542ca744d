#include "mkondo/doctor_check.h"
#include "mkondo/mkondo.h"

#include "io/account_book.h"
#include "io/callback_key_file.h"
#include "io/clock.h"
#include "io/credential.h"
#include "io/daraja_client.h"
#include "io/file.h"
#include "io/http_probe.h"
#include "service/service.h"
#include "wire/daraja_answer.h"

#include <stdio.h>
#include <string.h>

/*
 * Before going live, and whenever nothing works: the settings that the services have, looked at together. Everything is looked at, whatever else
 * is wrong. It sends no payment. It asks for tokens, which ends the ones before: dispatchers that run take new ones by themselves.
 */
static const char usage[] = "doctor [--offline] [--topics FILE]";
enum { FILE_MOST = 1 << 20, CERTIFICATE_MOST = 65536 };

struct doctor_conf {
	const char *callback_base, *callback_prefix, *callback_keys_file, *sources;
	double time_scale;
};

static const struct conf_row doctor_rows[] = {
	{.name = "MPESA_CALLBACK_BASE_URL",
		.type = CONF_URL,
		.at = offsetof(struct doctor_conf, callback_base),
		.fallback = "",
		.about = "Where Daraja reaches the webhook."},
	{.name = "MKONDO_CALLBACK_PREFIX",
		.type = CONF_STRING,
		.at = offsetof(struct doctor_conf, callback_prefix),
		.fallback = "n",
		.about = "The first path segment of callback URLs."},
	{.name = "MKONDO_CALLBACK_KEYS_FILE",
		.type = CONF_STRING,
		.at = offsetof(struct doctor_conf, callback_keys_file),
		.fallback = "",
		.about = "Keys that callback URLs are signed with."},
	{.name = "MKONDO_CALLBACK_SOURCES",
		.type = CONF_STRING,
		.at = offsetof(struct doctor_conf, sources),
		.fallback = "",
		.about = "Addresses and networks whose signed callbacks settle payments."},
	{.name = "MKONDO_TIME_SCALE",
		.type = CONF_SCALE,
		.at = offsetof(struct doctor_conf, time_scale),
		.fallback = "1",
		.about = "For tests."},
	{.name = NULL},
};

struct doctor {
	struct tool *tool;
	struct doctor_conf conf;
	struct account_conf accounts_from;
	struct account_book *accounts;
	struct file_watch files; /* those that the accounts were read from */
	struct findings findings;
	bool offline, production;
	const char *topics;
};

static const char *print(struct doctor *doctor, const char *what, const char *text)
{
	return arena_print(&doctor->tool->arena, "%s%s", what, text);
}

/* The errors themselves go to stderr, each with its setting. */
static bool read_rows(struct doctor *doctor, const char *what, const struct conf_row *rows, void *into)
{
	const struct conf_group groups[] = {{rows, into}, {NULL, NULL}};

	if (service_read_settings(groups, &doctor->tool->arena))
		return true;
	findings_add(&doctor->findings, HEALTH_WRONG, print(doctor, "settings: ", what),
		"they cannot be used: the lines above name them", "docs/configuration.md has all of them.");
	return false;
}

/* ---- accounts */

static void look_at_certificate(struct doctor *doctor, const char *account, const char *path)
{
	struct certificate_facts facts;
	struct text certificate;
	struct err err;

	if (path == NULL || path[0] == '\0')
		return;
	if (!file_read(path, CERTIFICATE_MOST, &doctor->tool->arena, &certificate, &err) ||
		!credential_certificate(certificate, &doctor->tool->arena, &facts, &err))
		findings_add(&doctor->findings, HEALTH_WRONG, print(doctor, "certificate_file of ", account),
			err.text, "Fetch the environment's certificate from the portal again.");
	else
		doctor_initiator_certificate(
			&doctor->findings, account, facts.bits, facts.until, clock_wall());
}

static void look_at_accounts(struct doctor *doctor)
{
	const struct account *account;
	bool sandbox = false;
	struct err err;

	doctor->accounts_from.time_scale = doctor->conf.time_scale;
	if (!account_book_read(&doctor->accounts, &doctor->accounts_from, &doctor->files, &err)) {
		findings_add(&doctor->findings, HEALTH_WRONG, "accounts", err.text,
			"No service starts with these.");
		return;
	}
	for (size_t i = 0; (account = account_book_each(doctor->accounts, i)) != NULL; i++) {
		doctor_account(&doctor->findings, account);
		*(account->production ? &doctor->production : &sandbox) = true;
	}
	doctor_environments(&doctor->findings, sandbox, doctor->production);
	look_at_certificate(doctor, "default", doctor->accounts_from.certificate_file);
	if (doctor->conf.time_scale != 1)
		findings_add(&doctor->findings, HEALTH_WARNING, "MKONDO_TIME_SCALE",
			"all waits are shortened", "It is for tests.");
}

/* Certificates are for everybody. */
static bool is_certificate(struct doctor *doctor, const char *path)
{
	struct certificate_facts facts;
	struct text bytes;
	struct err err;

	return file_read(path, CERTIFICATE_MOST, &doctor->tool->arena, &bytes, &err) &&
	       credential_certificate(bytes, &doctor->tool->arena, &facts, &err);
}

static void look_at_file(struct doctor *doctor, const char *path)
{
	unsigned mode;

	if (file_mode(path, &mode) && !is_certificate(doctor, path))
		doctor_secret_file(&doctor->findings, path, mode);
}

static void look_at_files(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->files.count; i++)
		look_at_file(doctor, file_watch_path(&doctor->files, i));
	look_at_file(doctor, doctor->conf.callback_keys_file);
}

/* ---- Daraja */

static struct reached reached_of(struct doctor *doctor, const struct http_probe *probe)
{
	static const char *const hows[] = {
		"", "the name has no address: ", "no connection: ", "TLS failed: ", "no answer: "};

	return (struct reached){.answered = probe->how == PROBE_ANSWERED,
		.status = probe->status,
		.trouble = print(doctor, hows[probe->how], probe->trouble)};
}

static void ask_for_token(struct doctor *doctor, const struct account *account)
{
	struct arena *arena = &doctor->tool->arena;
	const char *token,
		*pair = arena_print(arena, "%s:%s", account->consumer_key, account->consumer_secret);
	struct answer answer = {0};
	struct http_probe probe;
	struct reached reached;
	int64_t life_ms = 0;

	http_probe("GET", daraja_client_token_url(account, arena), pair, arena, &probe);
	reached = reached_of(doctor, &probe);
	if (probe.status != 200 || !daraja_token_parse(probe.body, arena, &token, &life_ms))
		life_ms = 0;
	if (probe.how == PROBE_ANSWERED && probe.status != 200)
		daraja_answer_parse(API_NONE, probe.status, probe.body, arena, &answer);
	doctor_token(&doctor->findings, account->app, &reached, life_ms, arena_string(arena, answer.code),
		arena_string(arena, daraja_redacted(answer.message, arena)));
	if (reached.answered)
		doctor_clock(&doctor->findings, account->api_base, probe.date, clock_wall());
}

static bool is_asked(const struct account_book *book, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(account_book_each(book, i)->app, account_book_each(book, index)->app) == 0)
			return true;
	return false;
}

static void look_at_daraja(struct doctor *doctor)
{
	const struct account *account;

	for (size_t i = 0;
		doctor->accounts != NULL && (account = account_book_each(doctor->accounts, i)) != NULL; i++) {
		if (is_asked(doctor->accounts, i))
			continue;
		if (doctor->offline)
			findings_add(&doctor->findings, HEALTH_NOT_CHECKED,
				print(doctor, "token of ", account->app), "offline", "");
		else
			ask_for_token(doctor, account);
	}
}

/* ---- the webhook, as Daraja sees it */

static void look_at_callbacks(struct doctor *doctor)
{
	/* Well-formed, and signed by nobody. */
	static const char strange[] =
		"/010100010000/00000000000070008000000000000000/00000000000000000000000000000000";
	struct callback_keys keys;
	struct http_probe probe;
	struct reached reached;
	struct err err;

	doctor_sources(&doctor->findings, doctor->conf.sources, doctor->production);
	if (doctor->conf.callback_keys_file[0] == '\0')
		findings_add(&doctor->findings, HEALTH_WRONG, "callback keys",
			"MKONDO_CALLBACK_KEYS_FILE is not set", "Dispatcher and webhook need the same file.");
	else if (!callback_key_file_load(doctor->conf.callback_keys_file, &keys, &err))
		findings_add(&doctor->findings, HEALTH_WRONG, "callback keys", err.text,
			"A line is \"<id> <64 hex digits>\"; openssl rand -hex 32 makes the digits.");
	else
		findings_add(&doctor->findings, HEALTH_OK, "callback keys",
			arena_print(&doctor->tool->arena, "%zu, and the one with id %u signs", keys.count,
				keys.keys[0].id),
			"");
	if (doctor->conf.callback_base[0] == '\0') {
		findings_add(&doctor->findings, HEALTH_WRONG, "callback URLs",
			"MPESA_CALLBACK_BASE_URL is not set",
			"Daraja is told where to call back with each request.");
		return;
	}
	doctor_callback_base(&doctor->findings, doctor->conf.callback_base, doctor->conf.callback_prefix,
		doctor->production);
	if (doctor->offline) {
		findings_add(&doctor->findings, HEALTH_NOT_CHECKED, "webhook", "offline", "");
		return;
	}
	http_probe("POST",
		arena_print(&doctor->tool->arena, "%s/%s%s", doctor->conf.callback_base,
			doctor->conf.callback_prefix, strange),
		NULL, &doctor->tool->arena, &probe);
	reached = reached_of(doctor, &probe);
	doctor_callback_reached(&doctor->findings, &reached, doctor->production);
	doctor_certificate_end(&doctor->findings, probe.certificate_ends, clock_wall());
}

/* ---- Kafka and PostgreSQL */

static void look_at_kafka(struct doctor *doctor)
{
	struct kafka_topic_plan *plan;
	size_t count, missing = 0;
	struct text file;
	struct err err;
	bool *there;

	if (!read_rows(doctor, "Kafka", kafka_conf_rows, &doctor->tool->kafka))
		return;
	if (!file_read(doctor->topics, FILE_MOST, &doctor->tool->arena, &file, &err) ||
		!kafka_topics_parse(file, &doctor->tool->arena, &plan, &count, &err)) {
		findings_add(&doctor->findings, HEALTH_NOT_CHECKED, "topics", err.text,
			"--topics names the release's deploy/topics.txt.");
		return;
	}
	there = ARENA_ARRAY(&doctor->tool->arena, bool, count);
	if (!kafka_topics_look(&doctor->tool->kafka, plan, count, there, &err)) {
		findings_add(&doctor->findings, HEALTH_WRONG, "Kafka", err.text,
			"Look at MKONDO_KAFKA_BOOTSTRAP, and at the brokers.");
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (there[i])
			continue;
		missing++;
		findings_add(&doctor->findings, HEALTH_WRONG, "topics",
			print(doctor, kafka_topic(&doctor->tool->kafka, plan[i].name, &doctor->tool->arena),
				" is not there, or has no leader"),
			"mkondo topics create");
	}
	if (missing == 0)
		findings_add(&doctor->findings, HEALTH_OK, "Kafka",
			arena_print(&doctor->tool->arena, "all %zu topics are there", count), "");
}

static void look_at_database(struct doctor *doctor)
{
	struct store *store = NULL;
	struct instant theirs;
	struct err err;

	if (!read_rows(doctor, "PostgreSQL", store_conf_rows, &doctor->tool->database))
		return;
	if (!store_open(&store, &doctor->tool->database, "mkondo-doctor", &err) ||
		!store_begin(store, &theirs, &err)) {
		findings_add(&doctor->findings, HEALTH_WRONG, "PostgreSQL", err.text,
			"Look at MKONDO_PG; mkondo migrate brings the schema up to this release.");
	} else {
		findings_add(&doctor->findings, HEALTH_OK, "PostgreSQL",
			arena_print(&doctor->tool->arena, "schema %d", SCHEMA_VERSION), "");
		doctor_clock(&doctor->findings, "PostgreSQL", theirs, clock_wall());
		store_rollback(store);
	}
	store_close(&store);
}

/* ---- */

static int tell(const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *one = &findings->at[i];

		printf("%-11s  %-26s  %s\n", health_name(one->health), one->what, one->text);
		if (one->advice[0] != '\0')
			printf("%-11s  %-26s  -> %s\n", "", "", one->advice);
	}
	printf("\n%zu ok, %zu warnings, %zu wrong, %zu not checked\n", findings_count(findings, HEALTH_OK),
		findings_count(findings, HEALTH_WARNING), findings_count(findings, HEALTH_WRONG),
		findings_count(findings, HEALTH_NOT_CHECKED));
	return findings_count(findings, HEALTH_WRONG) > 0 ? 1 : 0;
}

int tool_doctor(struct tool *tool)
{
	struct doctor *doctor = arena_alloc(&tool->arena, sizeof(*doctor));

	*doctor = (struct doctor){
		.tool = tool, .topics = "deploy/topics.txt", .findings = {.arena = &tool->arena}};
	for (int i = 0; i < tool->argc;) {
		if (tool_flag(tool, &i, "--offline"))
			doctor->offline = true;
		else if (!tool_option(tool, &i, "--topics", &doctor->topics))
			return tool_usage(usage);
	}
	if (!read_rows(doctor, "callbacks", doctor_rows, &doctor->conf))
		doctor->conf = (struct doctor_conf){"", "n", "", "", 1};
	if (read_rows(doctor, "accounts", account_conf_rows, &doctor->accounts_from))
		look_at_accounts(doctor);
	look_at_daraja(doctor);
	look_at_callbacks(doctor);
	look_at_files(doctor);
	look_at_kafka(doctor);
	look_at_database(doctor);
	account_book_free(&doctor->accounts);
	file_watch_done(&doctor->files);
	return tell(&doctor->findings);
}
