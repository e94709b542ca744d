#include "darajasim/ids.h"

#include <inttypes.h>

#define SEVEN UINT64_C(78364164096) /* 36^7 */

const char *ids_request(uint64_t luck, char out[ID_TEXT])
{
	struct buf buf = {.at = out, .cap = ID_TEXT};

	buf_print(&buf, "%04x-%04x-%04x-%012" PRIx64 "%u", (unsigned)(luck & 0xffff),
		(unsigned)(luck >> 16 & 0xffff), (unsigned)(luck >> 32 & 0xffff),
		luck * UINT64_C(0x9e3779b97f4a7c15) >> 16, 1000 + (unsigned)(luck % 8999000));
	return buf_end(&buf);
}

const char *ids_conversation(uint64_t luck, struct instant now, char out[ID_TEXT])
{
	struct buf buf = {.at = out, .cap = ID_TEXT};
	char time[INSTANT_TEXT];

	buf_print(&buf, "AG_%.8s_2010%016" PRIx64, instant_eat(now, time), luck);
	return buf_end(&buf);
}

const char *ids_checkout(uint64_t luck, struct instant now, const char *phone, char out[ID_TEXT])
{
	struct buf buf = {.at = out, .cap = ID_TEXT};
	struct text number = text_of(phone);
	char time[INSTANT_TEXT];

	instant_eat(now, time);
	if (number.len > 9)
		number = (struct text){number.at + number.len - 9, 9};
	buf_print(&buf, "ws_CO_%.2s%.2s%.4s%.6s%u%.*s", time + 6, time + 4, time, time + 8,
		(unsigned)(luck % 1000), TEXT_ARG(number));
	return buf_end(&buf);
}

static char letter_of(int number, int first_letter_at)
{
	return (char)(number < first_letter_at ? '0' + number : 'A' + number - first_letter_at);
}

/* Year: S is 2024; month: A to L; day: 1 to 9, then A to V. */
static void date_prefix(struct instant now, char out[3])
{
	char time[INSTANT_TEXT];
	int64_t year = 2024, month = 1, day = 1;

	instant_eat(now, time);
	(void)text_to_int64((struct text){time, 4}, &year);
	(void)text_to_int64((struct text){time + 4, 2}, &month);
	(void)text_to_int64((struct text){time + 6, 2}, &day);
	out[0] = (char)('A' + (('S' - 'A') + (year - 2024) % 26 + 26) % 26);
	out[1] = (char)('A' + (month - 1) % 12);
	out[2] = letter_of((int)day, 10);
}

const char *ids_receipt(uint64_t seed, uint64_t number, struct instant now, char out[RECEIPT_TEXT])
{
	/* A factor that shares no divisor with 36^7 permutes the numbers between 0 and 36^7. */
	uint64_t value =
		(uint64_t)((unsigned __int128)(number % (SEVEN - 1) + 1) * UINT64_C(61234567891) % SEVEN);

	/* Adding the seed's share within 1 ... 36^7 - 1 keeps values apart and away from 0. */
	value = (value - 1 + seed * UINT64_C(7919) % (SEVEN - 1)) % (SEVEN - 1) + 1;
	date_prefix(now, out);
	for (int i = 9; i >= 3; i--, value /= 36)
		out[i] = letter_of((int)(value % 36), 10);
	out[10] = '\0';
	return out;
}

const char *ids_placeholder(struct instant now, char out[RECEIPT_TEXT])
{
	date_prefix(now, out);
	for (int i = 3; i < 10; i++)
		out[i] = '0';
	out[10] = '\0';
	return out;
}

const char *ids_dotted_time(struct instant now, char out[INSTANT_TEXT])
{
	struct buf buf = {.at = out, .cap = INSTANT_TEXT};
	char time[INSTANT_TEXT];

	instant_eat(now, time);
	buf_print(&buf, "%.2s.%.2s.%.4s %.2s:%.2s:%.2s", time + 6, time + 4, time, time + 8, time + 10,
		time + 12);
	return buf_end(&buf);
}
