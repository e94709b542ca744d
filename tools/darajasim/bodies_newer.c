#include "darajasim/bodies_parts.h"

/* Shapes of their own: B2B express is flat and all text; Ratiba has a head and a list, and writes their names in two ways. */

void bodies_express(const struct told *told, struct buf *out)
{
	buf_str(out, "{\"resultCode\":");
	envelope_code(out, SHAPE_STRINGS, told->code);
	buf_char(out, ',');
	envelope_named(out, "resultDesc", told->desc);
	buf_char(out, ',');
	envelope_named(out, "requestId", told->originator);
	if (told->shillings != 0)
		buf_print(out, ",\"amount\":\"%lld.0\"", (long long)told->shillings);
	if (told_success(told)) {
		buf_str(out, ",\"resultType\":\"0\",");
		envelope_named(out, "conversationID", told->id);
		buf_char(out, ',');
		envelope_named(out, "transactionId", told->receipt);
		buf_str(out, ",\"status\":\"SUCCESS\"}");
	} else {
		buf_char(out, ',');
		envelope_named(out, "paymentReference", told->reference);
		buf_char(out, '}');
	}
}

static void put_pair(struct buf *out, bool capital, const char *name, const char *value)
{
	buf_print(out, "{\"%s\":\"%s\",\"%s\":\"%s\"}", capital ? "Name" : "name", name,
		capital ? "Value" : "value", value);
}

void bodies_order(const struct told *told, struct buf *out)
{
	const bool made = told_success(told), capital = !made || told->shape == SHAPE_SHUFFLED;

	buf_print(out, "{\"%s\":{\"responseRefID\":\"%s\",\"requestRefID\":\"%s\",\"responseCode\":\"%s\",",
		capital ? "ResponseHeader" : "responseHeader", told->originator, told->id, told->code);
	envelope_named(out, "responseDescription", told->desc);
	buf_print(out, "},\"%s\":{\"%s\":[", capital ? "ResponseBody" : "responseBody",
		capital ? "ResponseData" : "responseData");
	put_pair(out, capital, "TransactionID", told->transaction);
	buf_char(out, ',');
	put_pair(out, capital, "responseCode", told->code);
	buf_char(out, ',');
	put_pair(out, capital, "Status", made ? "OKAY" : "ERROR");
	buf_str(out, ",");
	put_pair(out, capital, "Msisdn", "254********12");
	buf_str(out, "]}}");
}
