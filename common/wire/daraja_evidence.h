#ifndef WIRE_DARAJA_EVIDENCE_H
#define WIRE_DARAJA_EVIDENCE_H

#include "core/evidence.h"
#include "wire/daraja_json.h"

/* What Daraja's results have in common, whichever product sends them: code, text, type, amount, receipt. For
   wire/daraja_callback.c. */

/* The dictionary's family of result codes; "any" for a purpose that has none. */
const char *daraja_result_family(enum api purpose);
/* What a code says in the answer to a question of ours, where "not yet" is an answer too. */
enum evidence_says daraja_says_of_answer(enum code_class class);
/* Fills code and text; false: there is no code to judge by. */
bool daraja_read_code(const json_t *object, struct arena *arena, struct evidence *ret);
/* False: ResultType says that more messages follow. */
bool daraja_is_last_word(const json_t *object, struct arena *arena);
/* Fills row and says from the code that was read. */
void daraja_judge_code(const json_t *object, enum api purpose, struct arena *arena, struct evidence *ret);
/* "" for a placeholder and for what no receipt looks like. */
const char *daraja_receipt(const json_t *value, struct arena *arena);
/* Amount and receipt of a success. When the items contradict each other, or the amount cannot be read, the
   success is taken back: SAYS_UNCLEAR, parsed = false. */
void daraja_read_money(const json_t *items, const char *amount_name, const char *receipt_name,
	struct arena *arena, struct evidence *ret);

#endif
