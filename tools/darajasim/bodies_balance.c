#include "darajasim/bodies_parts.h"

#include <string.h>

/*
 * Account balance: all accounts in one text, `&` between them and `|` within. Charges that were paid stand below 0. Which accounts there are, and
 * in which order, depends on the kind of shortcode: a shape has a till's.
 */
static const char *accounts_of(const struct told *told, char *out, size_t cap)
{
	struct buf buf = {.at = out, .cap = cap};
	long long utility = (long long)told->utility;

	if (told->shape == SHAPE_MINIMAL)
		buf_print(&buf, "Merchant Account|KES|%lld.00|%lld.00|0.00|0.00", utility, utility);
	else if (told->shape == SHAPE_SHUFFLED)
		buf_print(&buf,
			"Charges Paid Account|KES|-1540.00|-1540.00|0.00|0.00&"
			"Utility Account|KES|%lld|%lld|0|0&Working Account|KES|700000|693813.17|6186.83|0",
			utility, utility);
	else
		buf_print(&buf,
			"Working Account|KES|700000.00|693813.17|6186.83|0.00&Float "
			"Account|KES|0.00|0.00|0.00|0.00&"
			"Utility Account|KES|%lld.00|%lld.00|0.00|0.00&Charges Paid "
			"Account|KES|-1540.00|-1540.00|0.00|0.00&Organization Settlement "
			"Account|KES|0.00|0.00|0.00|0.00",
			utility, utility);
	return buf_end(&buf);
}

void bodies_balance(const struct told *told, struct buf *out)
{
	struct items items = {.count = 0};
	struct told head = *told;
	char accounts[ITEM_TEXT];

	/* The portal prints type and code of a success as text. */
	if (told->shape == SHAPE_PORTAL && told_success(told))
		head.shape = SHAPE_STRINGS;
	envelope_begin(&head, out);
	if (told_success(told)) {
		items_add(&items, true, "AccountBalance", IS_STRING,
			accounts_of(told, accounts, sizeof(accounts)));
		items_add_time(&items, false, "BOCompletedTime", told->ended);
		envelope_parameters(told, &items, out);
	} else {
		envelope_failed(told, out);
	}
	envelope_end(told, "/mpesa/abresults/v1/submit", out);
}
