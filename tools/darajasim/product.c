#include "darajasim/product.h"

static const struct {
	const char *name, *path, *old_path;
	bool pays, spends;
} products[PRODUCT_COUNT] = {
	[PRODUCT_OAUTH] = {"oauth", "/oauth/v1/generate", NULL, false},
	[PRODUCT_STK_PUSH] = {"stk_push", "/mpesa/stkpush/v1/processrequest", NULL, true},
	[PRODUCT_STK_QUERY] = {"stk_query", "/mpesa/stkpushquery/v1/query", NULL, false},
	[PRODUCT_B2C] = {"b2c", "/mpesa/b2c/v3/paymentrequest", "/mpesa/b2c/v1/paymentrequest", true, true},
	[PRODUCT_B2POCHI] = {"b2pochi", "/mpesa/b2pochi/v1/paymentrequest", NULL, true, true},
	[PRODUCT_B2B] = {"b2b", "/mpesa/b2b/v1/paymentrequest", NULL, true, true},
	[PRODUCT_TAX] = {"tax_remittance", "/mpesa/b2b/v1/remittax", NULL, true, true},
	[PRODUCT_REVERSAL] = {"reversal", "/mpesa/reversal/v1/request", NULL, true},
	[PRODUCT_EXPRESS] = {"b2b_express", "/v1/ussdpush/get-msisdn", NULL, true},
	[PRODUCT_ORDER] = {"standing_order", "/standingorder/v1/createStandingOrderExternal", NULL, true},
	[PRODUCT_STATUS] = {"transaction_status", "/mpesa/transactionstatus/v1/query", NULL, false},
	[PRODUCT_BALANCE] = {"account_balance", "/mpesa/accountbalance/v1/query", NULL, false},
	[PRODUCT_QR] = {"qr_code", "/mpesa/qrcode/v1/generate", NULL, false},
	[PRODUCT_ORG] = {"org_info", "/sfcverify/v1/query/info", NULL, false},
	[PRODUCT_SWAP] = {"sim_swap", "/imsi/v2/checkATI", NULL, false},
	[PRODUCT_IMSI] = {"imsi", "/imsi/v1/checkATI", NULL, false},
	[PRODUCT_C2B_REGISTER] = {"c2b_register", "/mpesa/c2b/v2/registerurl", "/mpesa/c2b/v1/registerurl",
		false},
	[PRODUCT_C2B_SIMULATE] = {"c2b_simulate", "/mpesa/c2b/v2/simulate", "/mpesa/c2b/v1/simulate", false},
	[PRODUCT_BILL_OPT_IN] = {"bill_opt_in", "/v1/billmanager-invoice/optin",
		"/v1/billmanager-invoice/change-optin-details", false},
	[PRODUCT_BILL_INVOICE] = {"bill_invoice", "/v1/billmanager-invoice/single-invoicing", NULL, false},
	[PRODUCT_BILL_INVOICES] = {"bill_invoices", "/v1/billmanager-invoice/bulk-invoicing", NULL, false},
	[PRODUCT_BILL_CANCEL] = {"bill_cancel", "/v1/billmanager-invoice/cancel-bulk-invoices", NULL, false},
	[PRODUCT_BILL_RECONCILE] = {"bill_reconcile", "/v1/billmanager-invoice/reconciliation", NULL, false},
	[PRODUCT_PULL_REGISTER] = {"pull_register", "/pulltransactions/v1/register", NULL, false},
};

const char *product_name(enum product product)
{
	return products[product].name;
}

bool product_from_name(struct text name, enum product *ret)
{
	for (unsigned i = 0; i < PRODUCT_COUNT; i++)
		if (text_is(name, products[i].name)) {
			*ret = (enum product)i;
			return true;
		}
	return false;
}

bool product_from_path(struct text path, enum product *ret, bool *ret_old)
{
	for (unsigned i = 0; i < PRODUCT_COUNT; i++) {
		bool old = products[i].old_path != NULL && text_is(path, products[i].old_path);

		if (old || text_is(path, products[i].path)) {
			*ret = (enum product)i;
			*ret_old = old;
			return true;
		}
	}
	return false;
}

bool product_pays(enum product product)
{
	return products[product].pays;
}

bool product_spends(enum product product)
{
	return products[product].spends;
}

bool product_inquires(enum product product)
{
	return product == PRODUCT_STATUS || product == PRODUCT_BALANCE;
}

bool product_bills(enum product product)
{
	return product >= PRODUCT_BILL_OPT_IN && product <= PRODUCT_BILL_RECONCILE;
}
