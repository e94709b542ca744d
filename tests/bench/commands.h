#ifndef BENCH_COMMANDS_H
#define BENCH_COMMANDS_H

#include "base/uuid.h"

#include <stddef.h>
#include <stdint.h>

/*
 * The payments of a bench. Each has its own phone, so that neither M-PESA's prompt nor the dispatcher's guard makes it wait, and its
 * id ends with its number, so that a result finds its payment without a table.
 */
enum mix { MIX_STK, MIX_B2C, MIX_HALF };
enum { COMMAND_MOST = 512, VALID_S = 3600, AMOUNT_CENTS = 10000 };

/* "stk", "b2c" or "half"; another word ends the program. */
enum mix mix_of(const char *word);
/* A UUID of version 7, of now. */
struct uuid payment_id(uint32_t number);
/* UINT32_MAX: not one of ours. */
uint32_t payment_number(const char *text, size_t len);
/* The command in protobuf; its length. `phone` numbers the phones of this machine's benches: 0 ... 99,999,999. */
size_t command_bytes(
	const struct uuid *id, enum mix mix, uint32_t number, uint32_t phone, uint8_t ret[COMMAND_MOST]);

#endif
