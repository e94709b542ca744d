#include "base/uuid.h"
#include "base/hex.h"

#include <string.h>

bool uuid_is_set(const struct uuid *id)
{
	static const struct uuid none;

	return memcmp(id, &none, sizeof(none)) != 0;
}

bool uuid_parse_hex(struct text text, struct uuid *ret)
{
	struct uuid id;

	if (!hex_parse(text, id.b, sizeof(id.b)) || !uuid_is_set(&id))
		return false;
	*ret = id;
	return true;
}

bool uuid_parse(struct text text, struct uuid *ret)
{
	char digits[UUID_HEX];
	size_t n = 0;

	if (text.len != UUID_TEXT - 1)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (i != 8 && i != 13 && i != 18 && i != 23)
			digits[n++] = text.at[i];
		else if (text.at[i] != '-')
			return false;
	}
	return uuid_parse_hex((struct text){digits, n}, ret);
}

const char *uuid_hex(const struct uuid *id, char out[UUID_HEX])
{
	return hex_build(id->b, sizeof(id->b), out);
}

const char *uuid_text(const struct uuid *id, char out[UUID_TEXT])
{
	char digits[UUID_HEX];
	size_t n = 0;

	uuid_hex(id, digits);
	for (size_t i = 0; i < UUID_TEXT - 1; i++)
		out[i] = i == 8 || i == 13 || i == 18 || i == 23 ? '-' : digits[n++];
	out[UUID_TEXT - 1] = '\0';
	return out;
}

int uuid_cmp(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->b, b->b, sizeof(a->b));
}

unsigned uuid_version(const struct uuid *id)
{
	return id->b[6] >> 4;
}

struct instant uuid_v7_time(const struct uuid *id)
{
	int64_t ms = 0;

	if (uuid_version(id) != 7)
		return (struct instant){0};
	for (int i = 0; i < 6; i++)
		ms = ms << 8 | id->b[i];
	return instant_of_ms(ms);
}

struct uuid uuid_v7(struct instant now, const uint8_t random[10])
{
	int64_t ms = instant_ms(now);
	struct uuid id;

	for (int i = 0; i < 6; i++)
		id.b[i] = (uint8_t)(ms >> (40 - 8 * i));
	memcpy(id.b + 6, random, 10);
	id.b[6] = (uint8_t)(0x70 | (id.b[6] & 0x0f));
	id.b[8] = (uint8_t)(0x80 | (id.b[8] & 0x3f));
	return id;
}
