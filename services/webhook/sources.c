#include "webhook/sources.h"

#include <arpa/inet.h>
#include <string.h>

enum { V4_PREFIX_BITS = 96, PART_MOST = 64 };

const char sources_default[] =
	"196.201.214.200,196.201.214.206,196.201.214.207,196.201.214.208,196.201.213.114,196.201.213.44,"
	"196.201.212.127,196.201.212.129,196.201.212.136,196.201.212.138,196.201.212.74,196.201.212.69,"
	"196.201.212.128,196.201.212.132";

static bool parse_address(const char *string, uint8_t address[16], bool *ret_v4)
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	*ret_v4 = inet_pton(AF_INET, string, address + 12) == 1;
	if (*ret_v4) {
		memcpy(address, mapped, sizeof(mapped));
		return true;
	}
	return inet_pton(AF_INET6, string, address) == 1;
}

static bool parse_net(struct text part, struct source_net *ret)
{
	char string[PART_MOST];
	int64_t bits = -1;
	char *slash;
	bool v4;

	if (part.len == 0 || part.len >= sizeof(string))
		return false;
	memcpy(string, part.at, part.len);
	string[part.len] = '\0';
	slash = strchr(string, '/');
	if (slash != NULL) {
		*slash = '\0';
		/* The sign too: "-0" would let everybody in. */
		if (slash[1] == '-' || !text_to_int64(text_of(slash + 1), &bits))
			return false;
	}
	if (!parse_address(string, ret->address, &v4) || bits > (v4 ? 32 : 128))
		return false;
	if (bits < 0)
		ret->bits = 128;
	else
		ret->bits = (unsigned)bits + (v4 ? V4_PREFIX_BITS : 0);
	return true;
}

bool sources_parse(struct text list, struct sources *ret, struct text *ret_bad)
{
	struct sources found = {.count = 0};

	while (list.len > 0) {
		const char *comma = memchr(list.at, ',', list.len);
		size_t len = comma != NULL ? (size_t)(comma - list.at) : list.len;
		struct text part = text_trim((struct text){list.at, len});

		if (found.count == SOURCES_MOST || !parse_net(part, &found.nets[found.count])) {
			*ret_bad = part;
			return false;
		}
		found.count++;
		len += comma != NULL;
		list = (struct text){list.at + len, list.len - len};
	}
	*ret = found;
	return true;
}

static bool net_has(const struct source_net *net, const uint8_t address[16])
{
	unsigned whole = net->bits / 8, rest = net->bits % 8;
	unsigned mask = rest > 0 ? 0xffu << (8 - rest) & 0xffu : 0;

	return memcmp(net->address, address, whole) == 0 &&
	       (rest == 0 || ((net->address[whole] ^ address[whole]) & mask) == 0);
}

bool sources_have(const struct sources *sources, const char *peer)
{
	uint8_t address[16];
	bool v4;

	if (!parse_address(peer, address, &v4))
		return false;
	for (size_t i = 0; i < sources->count; i++)
		if (net_has(&sources->nets[i], address))
			return true;
	return false;
}
