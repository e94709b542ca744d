#ifndef WIRE_DARAJA_C2B_H
#define WIRE_DARAJA_C2B_H

#include "base/arena.h"
#include "core/c2b_notice.h"

/* The body of a validation or confirmation -> what it says. Numbers may be numbers or texts, fields may be missing, and what cannot be
   read is not told. The strings live in the arena. */
void daraja_c2b_parse(struct text body, struct arena *arena, struct c2b_notice *ret);
/* Bill Manager's push of a payment (P:BillManager): the same of it, by other names. Its kind is "Bill Manager", its phone is masked here, and a date
   without an hour is not taken for when it was paid. */
void daraja_bill_push_parse(struct text body, struct arena *arena, struct c2b_notice *ret);
/* What Daraja is told: {"ResultCode":"0","ResultDesc":"Accepted"}, or a code and "Rejected". */
struct text daraja_c2b_answer(const char *code, struct arena *arena);

#endif
