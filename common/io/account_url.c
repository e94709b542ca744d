#include "io/account_url.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

static const char sandbox_host[] = "sandbox.safaricom.co.ke";
static const char production_host[] = "api.safaricom.co.ke";
enum { URL_MOST = 200 };

/* The host by itself: without port, path and brackets; "" when there is none. */
static const char *host_of(const char *rest, struct arena *arena)
{
	bool bracketed = rest[0] == '[';
	struct text host = {rest + bracketed, strcspn(rest + bracketed, bracketed ? "]" : ":/")};
	const char *bracket = strchr(rest, ']');

	/* Behind the bracket only a port or the path may come, or else [::1].example.com would be loopback. */
	if (bracketed && (bracket == NULL || strchr(":/", bracket[1]) == NULL))
		return "";
	return arena_string(arena, host);
}

/* By address and not by look: 127.0.0.1.example.com is somebody else's. */
static bool is_loopback(const char *host)
{
	struct in6_addr six;
	struct in_addr four;

	if (strcasecmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &four) == 1)
		return (ntohl(four.s_addr) >> 24) == 127;
	return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static bool is_plain_text(const char *url)
{
	for (const char *at = url; *at != '\0'; at++)
		if (*at <= ' ' || *at > '~' || strchr("@?#\\", *at) != NULL)
			return false;
	return true;
}

static const char *fault_of(const char *base, bool production, struct arena *arena)
{
	bool plain = strncasecmp(base, "http://", 7) == 0;
	const char *host;

	if (!is_plain_text(base) || strlen(base) > URL_MOST)
		return "it is an address without user, question mark and fragment";
	if (!plain && strncasecmp(base, "https://", 8) != 0)
		return "it begins with https://";
	host = host_of(base + (plain ? 7 : 8), arena);
	if (host[0] == '\0')
		return "it has no host";
	if (plain && production)
		return "production is never spoken to by plain http";
	if (plain && !is_loopback(host))
		return "plain http is for this machine alone";
	if (strcasecmp(host, production ? sandbox_host : production_host) == 0)
		return "this is the host of the other environment";
	return NULL;
}

const char *account_url(const char *base, bool production, struct arena *arena, const char **ret_why)
{
	struct text text;

	if (base[0] == '\0')
		return arena_print(arena, "https://%s", production ? production_host : sandbox_host);
	*ret_why = fault_of(base, production, arena);
	if (*ret_why != NULL)
		return NULL;
	text = text_of(base);
	while (text.len > 0 && text.at[text.len - 1] == '/')
		text.len--;
	return arena_string(arena, text);
}
