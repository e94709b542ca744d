#include "darajasim/results.h"

#include <string.h>

/* `stk` where the customer's prompt has its own words for a code. */
static const struct {
	const char *code, *desc, *stk, *status;
} results[] = {
	{"0", "The service request is processed successfully.", NULL, "Completed"},
	{"1", "The balance is insufficient for the transaction.", NULL, "Declined"},
	{"2", "Declined due to limit rule: less than the minimum transaction amount.", NULL, "Declined"},
	{"3", "Declined due to limit rule: greater than the maximum transaction amount.", NULL, "Declined"},
	{"4", "Declined due to limit rule: would exceed daily transfer limit.", NULL, "Declined"},
	{"5", "Declined due to limit rule: would fall under the minimum balance.", NULL, "Declined"},
	{"6", "Unresolved primary party.", NULL, "Declined"},
	{"7", "Unresolved receiver party.", NULL, "Declined"},
	{"8", "Declined due to limit rule: would exceed the maximum balance.", NULL, "Declined"},
	{"11", "The DebitParty is in an invalid state.", NULL, "Declined"},
	{"12", "The account is in an invalid state.", NULL, "Declined"},
	{"13", "Unresolved debit account.", NULL, "Declined"},
	{"14", "The CreditParty is in an invalid state.", NULL, "Declined"},
	{"15", "Duplicate detected.", NULL, "Declined"},
	{"17", "System internal error.", "Rule limited.", "Declined"},
	{"18", "Initiator credential check failure.", NULL, "Declined"},
	{"19", "Message sequencing failure.", NULL, "Declined"},
	{"20", "Unresolved initiator.", NULL, "Declined"},
	{"21", "The initiator is not allowed to initiate this request.", NULL, "Declined"},
	{"22", "The initiator is not active.", NULL, "Declined"},
	{"24", "Missing mandatory fields.", NULL, "Declined"},
	{"25", "The format of a parameter is invalid.", NULL, "Declined"},
	{"26", "System busy. Traffic blocking condition in place.", NULL, "Declined"},
	{"29", "Invalid command.", NULL, "Declined"},
	{"1001", "Unable to lock subscriber, a transaction is already in process for the current subscriber",
		NULL, "Declined"},
	{"1005", "The account reference is invalid.", NULL, "Declined"},
	{"1019", "Transaction has expired", NULL, "Expired"},
	{"1025", "An error occurred while sending a push request", NULL, "Declined"},
	{"1031", "Request canceled by user", NULL, "Cancelled"},
	{"1032", "Request cancelled by user", NULL, "Cancelled"},
	{"1036", "SMSC ACK timeout.", NULL, "Expired"},
	{"1037", "DS timeout user cannot be reached", NULL, "Expired"},
	{"1050", "A standing order of that name exists.", NULL, "Declined"},
	{"1051", "A field of the order is invalid.", NULL, "Declined"},
	{"1101", "The prompt's prefix is invalid.", NULL, "Declined"},
	{"1102", "The prompt's authentication message is invalid.", NULL, "Declined"},
	{"2001", "The initiator information is invalid.", NULL, "Declined"},
	{"2006", "Declined due to account rule: the account status does not allow this transaction.", NULL,
		"Declined"},
	{"2007", "External validation failed.", NULL, "Declined"},
	{"2008", "The authentication failed.", NULL, "Declined"},
	{"2020", "The amount's format is invalid.", NULL, "Declined"},
	{"2026", "The channel session has expired.", NULL, "Expired"},
	{"2028", "The request is not permitted according to product assignment.", NULL, "Declined"},
	{"2029", "Unresolved reason type.", NULL, "Declined"},
	{"2033", "The transaction receipt number does not exist.", NULL, "not_found"},
	{"2040",
		"Credit Party customer type (Unregistered or Registered Customer) can't be supported by the "
		"service .",
		NULL, "Declined"},
	{"2043", "The organisation is not a child of the initiator's.", NULL, "Declined"},
	{"2051", "The MSISDN is invalid.", NULL, "Declined"},
	{"2202", "The account number is invalid.", NULL, "Declined"},
	{"4001", "User cancelled transaction", NULL, "Cancelled"},
	{"4102", "Merchant KYC failure", NULL, "Declined"},
	{"4104", "The nominated number is missing", NULL, "Declined"},
	{"4201", "USSD network error", NULL, "Declined"},
	{"4203", "USSD exception error", NULL, "Declined"},
	{"4999", "The transaction is still under processing", NULL, "Initiated"},
	{"8006", "The security credential is locked.", NULL, "Declined"},
	{"9999", "An error occurred while sending a push request", NULL, "Declined"},
	{"100000000", "The request is cached and waits to be sent again.", NULL, "Initiated"},
	{"100000004", "Internal error.", NULL, "Declined"},
	{"100000100", "Storage failure.", NULL, "Declined"},
	{"E3008", "Error, the user has a bad debt contract.", NULL, "Declined"},
	{"R000001", "The transaction has already been reversed.", NULL, "Declined"},
	{"R000002", "The OriginalTransactionID is invalid.", NULL, "Declined"},
	{"R002", "The ID type was not found.", NULL, "Declined"},
	{"R003", "The ID number does not match.", NULL, "Declined"},
	{"SFC_IC0003", "The operator does not exist.", NULL, "Declined"},
	{"TP40153", "The operator lacks the permission.", NULL, "Declined"},
};

const char *results_desc(enum product product, const char *code)
{
	for (size_t i = 0; i < COUNT_OF(results); i++)
		if (strcmp(results[i].code, code) == 0)
			return product == PRODUCT_STK_PUSH && results[i].stk != NULL ? results[i].stk
										     : results[i].desc;
	return "Request failed.";
}

const char *results_status(const char *code)
{
	for (size_t i = 0; i < COUNT_OF(results); i++)
		if (strcmp(results[i].code, code) == 0)
			return results[i].status;
	return "Declined";
}

const char *results_code(unsigned at)
{
	return at < COUNT_OF(results) ? results[at].code : NULL;
}
