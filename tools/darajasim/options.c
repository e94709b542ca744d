#include "darajasim/options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char options_help[] =
	"darajasim: plays Safaricom's Daraja, with its quirks, on this machine\n"
	"\n"
	"  --listen HOST:PORT        where to listen (127.0.0.1:18001; port 0: any free one)\n"
	"  --scenario FILE           what is to happen (without it every payment succeeds)\n"
	"  --seed N                  the luck of this run (1)\n"
	"  --ledger FILE             the truth, as JSON lines; an old file is continued "
	"(darajasim.ledger.jsonl)\n"
	"  --sync yes|no             whether the ledger waits for the disk before anything is told (yes)\n"
	"  --time-scale X            multiplies the scenario's durations, 1 to 0.001 (1)\n"
	"  --token-life SECONDS      life of an access token, real seconds (3599)\n"
	"  --kill-old-tokens yes|no  whether a new token kills the app's old one (yes)\n"
	"  --rate N                  spike arrest above N requests a second per app and product (0: none)\n"
	"  --callback-source ADDR    the address of this machine that callbacks come from\n"
	"  --callback-ca FILE        certificates that https callback addresses are checked against\n"
	"  --consumer-key K, --consumer-secret S   what an app must bring (any)\n"
	"  --passkey P               what STK passwords must be made with (any)\n"
	"  --initiator-key FILE, --initiator-password P   what a SecurityCredential must decrypt to (any)\n"
	"  --port-file FILE          gets the port, once it is open\n"
	"  --help                    this text\n"
	"\n"
	"Prints one JSON line when it is ready; ends on SIGTERM or SIGINT. See README.md beside the "
	"source.\n";

static bool parse_listen(const char *value, struct options *ret)
{
	const char *colon = strrchr(value, ':');
	int64_t port;
	size_t len;

	if (colon == NULL || !text_to_int64(text_of(colon + 1), &port) || port < 0 || port > 65535)
		return false;
	len = (size_t)(colon - value);
	if (len >= 2 && value[0] == '[' && colon[-1] == ']') {
		value++;
		len -= 2;
	}
	if (len == 0 || len >= sizeof(ret->listen.host))
		return false;
	memcpy(ret->listen.host, value, len);
	ret->listen.host[len] = '\0';
	ret->listen.port = (uint16_t)port;
	return true;
}

static bool parse_int(const char *value, int64_t least, int64_t most, int64_t *ret)
{
	return text_to_int64(text_of(value), ret) && *ret >= least && *ret <= most;
}

static bool parse_scale(const char *value, double *ret)
{
	char *end;

	*ret = strtod(value, &end);
	return *end == '\0' && end != value && isfinite(*ret) && *ret >= 0.001 && *ret <= 1;
}

static bool parse_yes(const char *value, bool *ret)
{
	*ret = strcmp(value, "yes") == 0;
	return *ret || strcmp(value, "no") == 0;
}

static const struct {
	const char *name;
	size_t at;
} texts[] = {
	{"scenario", offsetof(struct options, scenario)},
	{"ledger", offsetof(struct options, ledger)},
	{"port-file", offsetof(struct options, port_file)},
	{"callback-source", offsetof(struct options, callback_source)},
	{"callback-ca", offsetof(struct options, callback_ca)},
	{"consumer-key", offsetof(struct options, consumer_key)},
	{"consumer-secret", offsetof(struct options, consumer_secret)},
	{"passkey", offsetof(struct options, passkey)},
	{"initiator-key", offsetof(struct options, initiator_key)},
	{"initiator-password", offsetof(struct options, initiator_password)},
};

/* False: no such option, or a value that it cannot have. */
static bool take(const char *name, const char *value, struct options *ret)
{
	int64_t number = 0;

	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (strcmp(name, texts[i].name) == 0) {
			*(const char **)((char *)ret + texts[i].at) = value;
			return true;
		}
	if (strcmp(name, "listen") == 0)
		return parse_listen(value, ret);
	if (strcmp(name, "time-scale") == 0)
		return parse_scale(value, &ret->time_scale);
	if (strcmp(name, "kill-old-tokens") == 0)
		return parse_yes(value, &ret->kill_old_tokens);
	if (strcmp(name, "sync") == 0)
		return parse_yes(value, &ret->sync);
	if (strcmp(name, "token-life") == 0)
		return parse_int(value, 1, 86400, &ret->token_life);
	if (strcmp(name, "seed") == 0 && parse_int(value, 0, INT64_MAX, &number)) {
		ret->seed = (uint64_t)number;
		return true;
	}
	if (strcmp(name, "rate") == 0 && parse_int(value, 0, 1000000, &number)) {
		ret->rate = (unsigned)number;
		return true;
	}
	return false;
}

bool options_parse(int argc, char *const *argv, struct options *ret, struct err *err)
{
	struct options options = {
		.listen = {"127.0.0.1", 18001},
		.scenario = "",
		.ledger = "darajasim.ledger.jsonl",
		.port_file = "",
		.callback_source = "",
		.callback_ca = "",
		.consumer_key = "",
		.consumer_secret = "",
		.passkey = "",
		.initiator_key = "",
		.initiator_password = "",
		.seed = 1,
		.time_scale = 1,
		.token_life = 3599,
		.kill_old_tokens = true,
		.sync = true,
	};

	for (int i = 1; i < argc; i++) {
		const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;

		if (strcmp(name, "--help") == 0) {
			options.help = true;
			continue;
		}
		if (strncmp(name, "--", 2) != 0 || value == NULL)
			return err_set(err, ERR_REFUSED, 0,
				"%s: not an option, or without its value; see --help", name);
		if (!take(name + 2, value, &options))
			return err_set(err, ERR_REFUSED, 0, "%s cannot be \"%s\"; see --help", name, value);
		i++;
	}
	*ret = options;
	return true;
}
