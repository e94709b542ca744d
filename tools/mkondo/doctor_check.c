#include "mkondo/doctor_check.h"

#include "core/callback_url.h"

#include <string.h>

enum {
	CLOCK_WARN_MS = 30000,
	CLOCK_WRONG_MS = 300000,
	DAY_MS = 86400000,
	END_WARN_DAYS = 21,
	BITS_LEAST = 2048,
};

/* Printed on the portal for everybody. */
static const char public_shortcode[] = "174379";
static const char public_passkey[] = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919";
static const char production_host[] = "https://api.safaricom.co.ke";

const char *health_name(enum health health)
{
	static const char *const names[] = {"ok", "warning", "wrong", "not checked"};

	return names[health];
}

void findings_add(
	struct findings *findings, enum health health, const char *what, const char *text, const char *advice)
{
	if (findings->count == findings->room) {
		struct finding *more;

		findings->room = findings->room == 0 ? 32 : 2 * findings->room;
		more = ARENA_ARRAY(findings->arena, struct finding, findings->room);
		if (findings->count > 0)
			memcpy(more, findings->at, findings->count * sizeof(*more));
		findings->at = more;
	}
	findings->at[findings->count++] = (struct finding){health,
		arena_string(findings->arena, text_of(what)), arena_string(findings->arena, text_of(text)),
		arena_string(findings->arena, text_of(advice))};
}

size_t findings_count(const struct findings *findings, enum health health)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += findings->at[i].health == health;
	return count;
}

static const char *use_of(const struct account *account)
{
	const bool pushes = account->passkey[0] != '\0', pays = account->initiator[0] != '\0';

	return pushes && pays ? "prompts customers, pays out, asks"
	       : pushes       ? "prompts customers; cannot pay out or ask for a status"
			      : "pays out and asks; cannot prompt customers";
}

void doctor_account(struct findings *findings, const struct account *account)
{
	const char *what = arena_print(findings->arena, "account %s", account->name);
	const size_t before = findings->count;

	if (account->production && strcmp(account->shortcode, public_shortcode) == 0)
		findings_add(findings, HEALTH_WRONG, what, "174379 is the sandbox's public shortcode",
			"Put your own paybill or store number into its place.");
	if (account->production && strcmp(account->passkey, public_passkey) == 0)
		findings_add(findings, HEALTH_WRONG, what, "the passkey is the sandbox's public one",
			"Safaricom sends the passkey of your shortcode by mail when the app goes live.");
	if (account->production && strcmp(account->api_base, production_host) != 0)
		findings_add(findings, HEALTH_WARNING, what,
			arena_print(findings->arena, "production, and its host is %s", account->api_base),
			"Take MPESA_API_BASE_URL (or api_base) out, unless something of yours stands "
			"between.");
	if (findings->count == before)
		findings_add(findings, HEALTH_OK, what,
			arena_print(findings->arena, "%s, shortcode %s, app %s: %s",
				account->production ? "production" : "sandbox", account->shortcode,
				account->app, use_of(account)),
			"");
}

void doctor_environments(struct findings *findings, bool sandbox, bool production)
{
	if (sandbox && production)
		findings_add(findings, HEALTH_WARNING, "environments",
			"sandbox and production stand in one book",
			"Let each have services, topics and a database of its own: a slip of an account's "
			"name is then no real payment.");
}

void doctor_token(struct findings *findings, const char *app, const struct reached *reached, int64_t life_ms,
	const char *code, const char *message)
{
	struct arena *arena = findings->arena;
	const char *what = arena_print(arena, "token of %s", app);

	if (!reached->answered)
		findings_add(findings, HEALTH_WRONG, what,
			arena_print(arena, "Daraja was not reached: %s", reached->trouble),
			"Look at name service, firewall and the way out; Daraja's hosts need no client "
			"certificate.");
	else if (reached->status == 200 && life_ms > 0)
		findings_add(findings, HEALTH_OK, what,
			arena_print(arena, "given, for %lld s", (long long)(life_ms / 1000)), "");
	else if (reached->status == 200)
		findings_add(findings, HEALTH_WRONG, what, "the answer holds no token",
			"Something else answers in Daraja's place: look at the host.");
	else
		findings_add(findings, HEALTH_WRONG, what,
			arena_print(arena, "refused with HTTP %d%s%s%s%s", reached->status,
				code[0] != '\0' ? ", " : "", code, message[0] != '\0' ? ": " : "", message),
			"Compare consumer key and secret with the portal's, and whether they are of this "
			"environment.");
}

void doctor_clock(struct findings *findings, const char *whose, struct instant theirs, struct instant ours)
{
	const int64_t apart = instant_ms_between(theirs, ours), size = apart < 0 ? -apart : apart;
	const char *what = arena_print(findings->arena, "clock against %s", whose);

	if (theirs.us == 0) {
		findings_add(findings, HEALTH_NOT_CHECKED, what, "it told no time", "");
		return;
	}
	if (size <= CLOCK_WARN_MS) {
		findings_add(findings, HEALTH_OK, what, "they agree", "");
		return;
	}
	findings_add(findings, size > CLOCK_WRONG_MS ? HEALTH_WRONG : HEALTH_WARNING, what,
		arena_print(findings->arena, "this machine is %lld s %s", (long long)(size / 1000),
			apart > 0 ? "ahead" : "behind"),
		"Set it right and keep it so (NTP): passwords of prompts and tokens' lives are counted by "
		"it.");
}

/* The host of "https://host:port/path". */
static struct text host_of(const char *base)
{
	const char *start = strstr(base, "://");
	size_t len;

	start = start != NULL ? start + 3 : base;
	if (start[0] == '[') {
		const char *end = strchr(start, ']');

		return (struct text){start + 1, end != NULL ? (size_t)(end - start - 1) : strlen(start) - 1};
	}
	len = strcspn(start, ":/?#");
	return (struct text){start, len};
}

static bool begins(struct text text, const char *with)
{
	return text.len >= strlen(with) && memcmp(text.at, with, strlen(with)) == 0;
}

static bool is_number(struct text host)
{
	for (size_t i = 0; i < host.len; i++)
		if (strchr("0123456789.", host.at[i]) == NULL)
			return memchr(host.at, ':', host.len) != NULL;
	return host.len > 0;
}

static bool is_here(struct text host)
{
	return text_is(host, "localhost") || begins(host, "127.") || text_is(host, "::1");
}

/* RFC 1918, link-local, unique local: nobody outside gets there. */
static bool is_private(struct text host)
{
	static const char *const beginnings[] = {"10.", "192.168.", "169.254.", "fc", "fd", "fe80"};
	int64_t second;

	for (size_t i = 0; i < COUNT_OF(beginnings); i++)
		if (is_number(host) && begins(host, beginnings[i]))
			return true;
	if (!is_number(host) || !begins(host, "172."))
		return false;
	struct text rest = {host.at + 4, host.len - 4};
	const char *dot = memchr(rest.at, '.', rest.len);

	rest.len = dot != NULL ? (size_t)(dot - rest.at) : rest.len;
	return text_to_int64(rest, &second) && second >= 16 && second <= 31;
}

static void check_host(struct findings *findings, const char *what, struct text host, bool production)
{
	const enum health outside = production ? HEALTH_WRONG : HEALTH_WARNING;
	const char *name = arena_string(findings->arena, host);

	if (is_here(host))
		findings_add(findings, outside, what,
			arena_print(findings->arena, "%s is this machine itself", name),
			"Only a simulator here calls back to it; Daraja needs a name that is known "
			"everywhere.");
	else if (is_private(host))
		findings_add(findings, outside, what,
			arena_print(findings->arena, "%s is an address that nobody outside reaches", name),
			"Give Daraja a public name.");
	else if (is_number(host))
		findings_add(findings, HEALTH_WARNING, what,
			arena_print(findings->arena, "%s is an address, not a name", name),
			"Certificates are made for names.");
	else if (memchr(host.at, '.', host.len) == NULL)
		findings_add(findings, outside, what,
			arena_print(findings->arena, "%s is no whole name", name),
			"Tell the name with its domain.");
}

void doctor_callback_base(struct findings *findings, const char *base, const char *prefix, bool production)
{
	static const char what[] = "callback URLs";
	const size_t before = findings->count;
	const char *word = callback_url_forbidden_word(base + strcspn(base, ":"));
	const bool tls = strncmp(base, "https://", 8) == 0;

	if (word == NULL)
		word = callback_url_forbidden_word(prefix);
	if (word != NULL)
		findings_add(findings, HEALTH_WRONG, what,
			arena_print(findings->arena, "they hold \"%s\"", word),
			"Daraja refuses URLs with such words: choose another name, path or "
			"MKONDO_CALLBACK_PREFIX.");
	if (!tls && production)
		findings_add(findings, HEALTH_WRONG, what, "http, in the clear",
			"Daraja calls production URLs by https only.");
	if (strpbrk(base, "?#@") != NULL)
		findings_add(findings, HEALTH_WRONG, what,
			"MPESA_CALLBACK_BASE_URL holds a query, a fragment or a user",
			"It is a scheme, a host and perhaps a path.");
	check_host(findings, what, host_of(base), production);
	if (findings->count == before)
		findings_add(findings, HEALTH_OK, what,
			arena_print(findings->arena, "%s/%s/...", base, prefix), "");
}

void doctor_callback_reached(struct findings *findings, const struct reached *reached, bool production)
{
	static const char what[] = "webhook";

	if (!reached->answered)
		findings_add(findings, production ? HEALTH_WRONG : HEALTH_WARNING, what,
			arena_print(findings->arena, "the callback URL was not reached from here: %s",
				reached->trouble),
			"Try it from outside, too: Daraja has to reach it. Callbacks come once or never.");
	else if (reached->status == 404)
		findings_add(findings, HEALTH_OK, what,
			"answers, and does not know a path with a wrong signature", "");
	else
		findings_add(findings, HEALTH_WARNING, what,
			arena_print(findings->arena,
				"a path with a wrong signature was answered with %d, and the webhook says "
				"404",
				reached->status),
			"Something else answers there, or a proxy changes paths: they must come as they "
			"are.");
}

void doctor_certificate_end(struct findings *findings, struct instant end, struct instant now)
{
	const int64_t days = instant_ms_between(now, end) / DAY_MS;

	if (end.us == 0)
		return;
	if (instant_before(end, now))
		findings_add(findings, HEALTH_WRONG, "webhook's certificate", "it has ended",
			"Daraja does not call it any more: renew it.");
	else if (days < END_WARN_DAYS)
		findings_add(findings, HEALTH_WARNING, "webhook's certificate",
			arena_print(findings->arena, "it ends in %lld days", (long long)days),
			"Renew it, and see why that does not happen by itself.");
	else
		findings_add(findings, HEALTH_OK, "webhook's certificate",
			arena_print(findings->arena, "good for %lld days", (long long)days), "");
}

void doctor_initiator_certificate(
	struct findings *findings, const char *account, int bits, struct instant end, struct instant now)
{
	const char *what = arena_print(findings->arena, "certificate_file of %s", account);

	if (bits < BITS_LEAST)
		findings_add(findings, HEALTH_WRONG, what,
			arena_print(findings->arena, "its RSA key has %d bits", bits),
			"Safaricom's have 2048: fetch the environment's certificate from the portal again.");
	else
		findings_add(findings, HEALTH_OK, what,
			arena_print(findings->arena, "RSA, %d bits%s", bits,
				instant_before(end, now) ? "; ended, as Safaricom's have: only the key counts"
							 : ""),
			"");
}

void doctor_secret_file(struct findings *findings, const char *path, unsigned mode)
{
	if ((mode & 077) != 0)
		findings_add(findings, HEALTH_WARNING, "secret file",
			arena_print(findings->arena, "%s is open to others (mode %o)", path, mode & 0777),
			"chmod 600 it, and let it belong to the user of the services.");
}

void doctor_sources(struct findings *findings, const char *sources, bool production)
{
	static const char what[] = "callback sources";

	if (sources == NULL || sources[0] == '\0')
		findings_add(findings, HEALTH_OK, what, "the list that is built in", "");
	else if (strstr(sources, "/0") != NULL)
		findings_add(findings, production ? HEALTH_WRONG : HEALTH_WARNING, what,
			"a network of size /0 is everybody",
			"Name Safaricom's addresses, or take MKONDO_CALLBACK_SOURCES out.");
	else
		findings_add(findings, HEALTH_OK, what,
			arena_print(findings->arena,
				"%s, in the place of the list that is built in: what is signed and comes "
				"from elsewhere makes us ask",
				sources),
			"");
}
