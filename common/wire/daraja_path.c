#include "wire/daraja_request.h"

#include "wire/command_wire.h"

#include <string.h>

/* Some products have two versions, and the app was given one of them: the account says which. */
const char *daraja_request_path(const struct daraja_request *request, struct arena *arena)
{
	const struct api_row *row = api_row(request->api);
	struct command command;
	struct err err;

	if (request->api == API_C2B_REGISTER && request->account->c2b_v1)
		return "/mpesa/c2b/v1/registerurl";
	if (request->api == API_C2B_SIMULATE && request->account->c2b_v1)
		return "/mpesa/c2b/v1/simulate";
	if (request->api == API_BILL_OPT_IN && request->payment->api == API_BILL_OPT_IN &&
		command_unpack_canonical(request->payment->command, arena, &command, &err) &&
		strcmp(command_field(&command.fields, "change"), "true") == 0)
		return "/v1/billmanager-invoice/change-optin-details";
	return row->path;
}
