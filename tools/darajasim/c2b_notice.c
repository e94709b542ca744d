#include "darajasim/c2b_notice.h"

#include "base/digest.h"
#include "base/hex.h"

#include <string.h>

static void add(struct buf *out, const char *name, const char *value)
{
	buf_char(out, out->len == 1 ? ' ' : ',');
	buf_json_string(out, text_of(name));
	buf_char(out, ':');
	buf_json_string(out, text_of(value));
}

/* A hash in the first version; in the second stars, of the number or, as was seen, of the hash. */
static const char *hide(const struct c2b_told *told, char out[80])
{
	struct digest digest = sha256(text_of(told->phone));
	struct buf buf = {.at = out, .cap = 80};
	char hex[2 * DIGEST_SIZE + 1];

	hex_build(digest.b, DIGEST_SIZE, hex);
	if (told->old_version)
		buf_str(&buf, hex);
	else if (told->luck % 3 == 0)
		buf_print(&buf, "%.34s ***** %s", hex, hex + 39);
	else if (told->luck % 3 == 1)
		buf_print(&buf, "%.4s ***** %s", told->phone, told->phone + 9);
	else
		buf_print(&buf, "%.5s****%s", told->phone, told->phone + 9);
	return buf_end(&buf);
}

static const char *kind_of(const struct c2b_told *told)
{
	if (!told->goods)
		return "Pay Bill";
	return told->luck % 2 == 0 ? "Customer Merchant Payment" : "Buy Goods";
}

void c2b_notice_build(const struct c2b_told *told, struct buf *out)
{
	char time[INSTANT_TEXT], amount[32], balance[32], customer[80];
	struct buf amount_buf = BUF(amount), balance_buf = BUF(balance);

	buf_print(&amount_buf, told->luck % 2 == 0 ? "%lld.00" : "%lld", (long long)told->shillings);
	buf_print(&balance_buf, "%lld.00", (long long)told->balance);
	buf_char(out, '{');
	add(out, "TransactionType", kind_of(told));
	add(out, "TransID", told->receipt);
	add(out, "TransTime", instant_eat(told->at, time));
	add(out, "TransAmount", buf_end(&amount_buf));
	add(out, "BusinessShortCode", told->shortcode);
	add(out, "BillRefNumber", told->bill_reference);
	add(out, "InvoiceNumber", "");
	add(out, "OrgAccountBalance", told->confirmation ? buf_end(&balance_buf) : "");
	add(out, "ThirdPartyTransID", told->third_party);
	add(out, "MSISDN", hide(told, customer));
	add(out, "FirstName", told->luck % 5 == 0 ? "" : "ASHA");
	if (told->luck % 4 != 0) {
		add(out, "MiddleName", "");
		add(out, "LastName", "");
	}
	buf_char(out, '}');
}
