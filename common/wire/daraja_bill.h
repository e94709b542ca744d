#ifndef WIRE_DARAJA_BILL_H
#define WIRE_DARAJA_BILL_H

#include "core/command.h"
#include "wire/daraja_json.h"
#include "wire/daraja_request.h"

/*
 * Bill Manager's requests: lists where the others have one object, amounts as text, phones as they are dialled.
 * `fields` are the command's, checked. NULL, with the error: it cannot be built. Free with daraja_json_drop.
 */
bool daraja_is_bill(enum api api);
json_t *daraja_bill_build(const struct daraja_request *request, const struct command_fields *fields,
	struct arena *arena, struct err *err);

#endif
