#ifndef WIRE_DARAJA_DETAILS_H
#define WIRE_DARAJA_DETAILS_H

#include "core/api.h"
#include "core/details.h"
#include "wire/daraja_json.h"

/* What Daraja tells beside code, receipt and amount -> struct details, by our names. For wire/daraja_*.c. */

/* AccountBalance: accounts joined by '&', each "Name|KES|current|available|reserved|uncleared". False: not one could be read. */
bool daraja_read_balances(const json_t *items, struct arena *arena, struct details *ret);
/* Of a result's items: charges and what an inquiry asked for. Names of people are left where they are. */
void daraja_read_result_details(
	enum api purpose, const json_t *items, struct arena *arena, struct details *ret);
/* Of a synchronous answer: a QR code's picture, an organisation's name, when a SIM was swapped. */
void daraja_read_answer_details(enum api api, const json_t *json, struct arena *arena, struct details *ret);

#endif
