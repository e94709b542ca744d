#ifndef DARAJASIM_IDS_H
#define DARAJASIM_IDS_H

#include "base/time.h"

#include <stdint.h>

/* The identifiers that Daraja hands out, in the shapes that were seen in its samples and in captures. */
enum { ID_TEXT = 48, RECEIPT_TEXT = 11 };

/* "9a1c-4d77-b0e2-5f31c08e77aa118204": requestId, MerchantRequestID, the gateway's own originator id. */
const char *ids_request(uint64_t luck, char out[ID_TEXT]);
/* "AG_20261123_2010" + 16 hex. */
const char *ids_conversation(uint64_t luck, struct instant now, char out[ID_TEXT]);
/* "ws_CO_" + DDMMYYYYHHmmss + 1 to 3 digits of ms + the last nine digits of the phone. */
const char *ids_checkout(uint64_t luck, struct instant now, const char *phone, char out[ID_TEXT]);
/*
 * Ten characters: year, month, day in letters, then seven that no other `number` has under this seed, and
 * that are never the seven zeros of a placeholder.
 */
const char *ids_receipt(uint64_t seed, uint64_t number, struct instant now, char out[RECEIPT_TEXT]);
/* The generic value of failures and of questions: three real characters and seven zeros. */
const char *ids_placeholder(struct instant now, char out[RECEIPT_TEXT]);
/* "23.11.2026 10:15:00": B2C alone writes the time so. */
const char *ids_dotted_time(struct instant now, char out[INSTANT_TEXT]);

#endif
