#include "commands.h"

#include "mkondo/v1/command.pb-c.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum mix mix_of(const char *word)
{
	static const char *const words[] = {[MIX_STK] = "stk", [MIX_B2C] = "b2c", [MIX_HALF] = "half"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], word) == 0)
			return (enum mix)i;
	fprintf(stderr, "a mix is stk, b2c or half, not %s\n", word);
	exit(2);
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

struct uuid payment_id(uint32_t number)
{
	static uint8_t chance[10];
	struct uuid id;

	if (chance[0] == 0 && chance[1] == 0)
		must(getrandom(chance, sizeof(chance), 0) == (ssize_t)sizeof(chance));
	id = uuid_v7((struct instant){now_us()}, chance);
	for (int i = 0; i < 4; i++)
		id.b[15 - i] = (uint8_t)(number >> (8 * i));
	return id;
}

uint32_t payment_number(const char *text, size_t len)
{
	char digits[9] = "", *end;

	if (len != UUID_TEXT - 1)
		return UINT32_MAX;
	memcpy(digits, text + len - 8, 8);
	uint32_t number = (uint32_t)strtoul(digits, &end, 16);
	return end == digits + 8 ? number : UINT32_MAX;
}

size_t command_bytes(
	const struct uuid *id, enum mix mix, uint32_t number, uint32_t phone, uint8_t ret[COMMAND_MOST])
{
	Mkondo__V1__Command command = MKONDO__V1__COMMAND__INIT;
	Mkondo__V1__StkPush push = MKONDO__V1__STK_PUSH__INIT;
	Mkondo__V1__B2c payout = MKONDO__V1__B2C__INIT;
	char text[UUID_TEXT], digits[16], reference[13];

	snprintf(digits, sizeof(digits), "2547%08u", phone % 100000000);
	snprintf(reference, sizeof(reference), "INV-%u", number % 10000000);
	command.id = (char *)uuid_text(id, text);
	command.tenant = (char *)"shop";
	command.amount_cents = AMOUNT_CENTS;
	command.created_at_ms = now_us() / 1000;
	command.valid_until_ms = command.created_at_ms + INT64_C(1000) * VALID_S;
	if (mix == MIX_STK || (mix == MIX_HALF && number % 2 == 0)) {
		push.phone = digits;
		push.account_reference = reference;
		push.description = (char *)"Goods";
		command.operation_case = MKONDO__V1__COMMAND__OPERATION_STK_PUSH;
		command.stk_push = &push;
	} else {
		payout.phone = digits;
		payout.remarks = (char *)"Refund of an order";
		command.operation_case = MKONDO__V1__COMMAND__OPERATION_B2C;
		command.b2c = &payout;
	}
	must(mkondo__v1__command__get_packed_size(&command) <= COMMAND_MOST);
	return mkondo__v1__command__pack(&command, ret);
}
