#include "wire/daraja_words.h"

#include <stddef.h>

/* Misspelt names are Daraja's: RecieverIdentifierType, Occassion. Where its pages contradict each other, docs/daraja.md tells why it is as it
   is here. */

#define CHOICES(...)                                                                                         \
	(const struct daraja_choice[])                                                                       \
	{                                                                                                    \
		__VA_ARGS__,                                                                                 \
		{                                                                                            \
			NULL, NULL                                                                           \
		}                                                                                            \
	}
#define END                                                                                                  \
	{                                                                                                    \
		.name = NULL                                                                                 \
	}
#define URLS                                                                                                 \
	{"QueueTimeOutURL", SAYS_TIMEOUT_URL, NULL, NULL, NULL},                                             \
	{                                                                                                    \
		"ResultURL", SAYS_RESULT_URL, NULL, NULL, NULL                                               \
	}

/* clang-format off */
static const struct daraja_word stk_push[] = {
	{"BusinessShortCode", SAYS_SHORTCODE, NULL, NULL, NULL},
	{"Password", SAYS_PASSWORD, NULL, NULL, NULL},
	{"Timestamp", SAYS_TIMESTAMP, NULL, NULL, NULL},
	{"TransactionType", SAYS_CHOICE, "kind", NULL,
		CHOICES({"PAY_BILL", "CustomerPayBillOnline"}, {"BUY_GOODS", "CustomerBuyGoodsOnline"})},
	{"Amount", SAYS_AMOUNT, NULL, NULL, NULL},
	{"PartyA", SAYS_PHONE, NULL, NULL, NULL},
	/* With a till the shortcode stays the store's: the till itself is refused there as "Merchant does not exist". */
	{"PartyB", SAYS_TILL_OR_SHORTCODE, NULL, NULL, NULL},
	{"PhoneNumber", SAYS_PHONE, NULL, NULL, NULL},
	{"CallBackURL", SAYS_RESULT_URL, NULL, NULL, NULL},
	{"AccountReference", SAYS_FIELD, "account_reference", NULL, NULL},
	{"TransactionDesc", SAYS_FIELD, "description", NULL, NULL},
	END,
};

static const struct daraja_word stk_query[] = {
	{"BusinessShortCode", SAYS_SHORTCODE, NULL, NULL, NULL},
	{"Password", SAYS_PASSWORD, NULL, NULL, NULL},
	{"Timestamp", SAYS_TIMESTAMP, NULL, NULL, NULL},
	{"CheckoutRequestID", SAYS_ABOUT_CHECKOUT, NULL, NULL, NULL},
	END,
};

#define PAYOUT_KINDS                                                                                 \
	CHOICES({"BUSINESS_PAYMENT", "BusinessPayment"}, {"SALARY_PAYMENT", "SalaryPayment"},        \
		{"PROMOTION_PAYMENT", "PromotionPayment"})
#define PAYOUT                                                                                       \
	{"Amount", SAYS_AMOUNT, NULL, NULL, NULL},                                                   \
	{"PartyA", SAYS_SHORTCODE, NULL, NULL, NULL},                                                \
	{"PartyB", SAYS_PHONE, NULL, NULL, NULL},                                                    \
	{"Remarks", SAYS_FIELD, "remarks", NULL, NULL},                                              \
	URLS,                                                                                        \
	/* At least one character when it is there. */                                               \
	{"Occassion", SAYS_FIELD_IF_TOLD, "occasion", NULL, NULL},                                   \
	END

static const struct daraja_word b2c[] = {
	{"OriginatorConversationID", SAYS_KEY, NULL, NULL, NULL},
	{"InitiatorName", SAYS_INITIATOR, NULL, NULL, NULL},
	{"SecurityCredential", SAYS_CREDENTIAL, NULL, NULL, NULL},
	{"CommandID", SAYS_CHOICE, "kind", NULL, PAYOUT_KINDS},
	PAYOUT,
};

static const struct daraja_word b2c_v1[] = {
	{"InitiatorName", SAYS_INITIATOR, NULL, NULL, NULL},
	{"SecurityCredential", SAYS_CREDENTIAL, NULL, NULL, NULL},
	{"CommandID", SAYS_CHOICE, "kind", NULL, PAYOUT_KINDS},
	PAYOUT,
};

static const struct daraja_word b2pochi[] = {
	{"OriginatorConversationID", SAYS_KEY, NULL, NULL, NULL},
	{"InitiatorName", SAYS_INITIATOR, NULL, NULL, NULL},
	{"SecurityCredential", SAYS_CREDENTIAL, NULL, NULL, NULL},
	{"CommandID", SAYS_WORD, "BusinessPayToPochi", NULL, NULL},
	PAYOUT,
};

#define INITIATOR                                                                                    \
	{"Initiator", SAYS_INITIATOR, NULL, NULL, NULL},                                             \
	{"SecurityCredential", SAYS_CREDENTIAL, NULL, NULL, NULL}

static const struct daraja_word b2b[] = {
	INITIATOR,
	{"CommandID", SAYS_CHOICE, "kind", NULL,
		CHOICES({"PAY_BILL", "BusinessPayBill"}, {"BUY_GOODS", "BusinessBuyGoods"},
			{"PAY_TO_BULK", "BusinessPayToBulk"}, {"BUSINESS_PAYMENT", "BusinessPayment"},
			{"DISBURSE_FUNDS_TO_BUSINESS", "DisburseFundsToBusiness"},
			{"BUSINESS_TO_BUSINESS_TRANSFER", "BusinessToBusinessTransfer"},
			{"MERCHANT_TO_MERCHANT_TRANSFER", "MerchantToMerchantTransfer"},
			{"TRANSFER_FROM_MMF_TO_UTILITY", "BusinessTransferFromMMFToUtility"},
			{"TRANSFER_FROM_UTILITY_TO_MMF", "BusinessTransferFromUtilityToMMF"},
			{"REVENUE_SETTLEMENT", "OrgRevenueSettlement"},
			{"TRANSFER_FROM_MERCHANT_TO_WORKING", "MerchantTransferFromMerchantToWorking"},
			{"MERCHANT_SERVICES_MMF_TRANSFER", "MerchantServicesMMFAccountTransfer"},
			{"AGENCY_FLOAT_ADVANCE", "AgencyFloatAdvance"})},
	{"SenderIdentifierType", SAYS_WORD, "4", NULL, NULL},
	{"RecieverIdentifierType", SAYS_RECEIVER_TYPE, "kind", NULL,
		CHOICES({"PAY_BILL", "4"}, {"BUY_GOODS", "2"}, {"PAY_TO_BULK", "4"}, {"BUSINESS_PAYMENT", "4"},
			{"DISBURSE_FUNDS_TO_BUSINESS", "4"}, {"BUSINESS_TO_BUSINESS_TRANSFER", "4"},
			{"MERCHANT_TO_MERCHANT_TRANSFER", "2"}, {"TRANSFER_FROM_MMF_TO_UTILITY", "4"},
			{"TRANSFER_FROM_UTILITY_TO_MMF", "4"}, {"REVENUE_SETTLEMENT", "4"},
			{"TRANSFER_FROM_MERCHANT_TO_WORKING", "4"},
			{"MERCHANT_SERVICES_MMF_TRANSFER", "4"}, {"AGENCY_FLOAT_ADVANCE", "4"})},
	{"Amount", SAYS_AMOUNT, NULL, NULL, NULL},
	{"PartyA", SAYS_SHORTCODE, NULL, NULL, NULL},
	{"PartyB", SAYS_FIELD, "receiver", NULL, NULL},
	{"AccountReference", SAYS_FIELD_IF_TOLD, "account_reference", NULL, NULL},
	{"Requester", SAYS_PHONE_IF_TOLD, "requester", NULL, NULL},
	{"Remarks", SAYS_FIELD, "remarks", NULL, NULL},
	URLS,
	{"Occassion", SAYS_FIELD_IF_TOLD, "occasion", NULL, NULL},
	END,
};

static const struct daraja_word tax_remittance[] = {
	INITIATOR,
	{"CommandID", SAYS_WORD, "PayTaxToKRA", NULL, NULL},
	{"SenderIdentifierType", SAYS_WORD, "4", NULL, NULL},
	{"RecieverIdentifierType", SAYS_WORD, "4", NULL, NULL},
	{"Amount", SAYS_AMOUNT, NULL, NULL, NULL},
	{"PartyA", SAYS_SHORTCODE, NULL, NULL, NULL},
	{"PartyB", SAYS_WORD, "572572", NULL, NULL}, /* KRA's, the only one */
	{"AccountReference", SAYS_FIELD, "registration_number", NULL, NULL},
	{"Remarks", SAYS_FIELD, "remarks", NULL, NULL},
	URLS,
	END,
};

static const struct daraja_word b2b_express[] = {
	{"primaryShortCode", SAYS_FIELD, "payer_till", NULL, NULL},
	{"receiverShortCode", SAYS_SHORTCODE, NULL, NULL, NULL},
	{"amount", SAYS_AMOUNT, NULL, NULL, NULL},
	{"paymentRef", SAYS_FIELD, "reference", NULL, NULL},
	{"callbackUrl", SAYS_RESULT_URL, NULL, NULL, NULL},
	{"partnerName", SAYS_FIELD, "partner_name", NULL, NULL},
	{"RequestRefID", SAYS_KEY, NULL, NULL, NULL},
	END,
};

static const struct daraja_word reversal[] = {
	INITIATOR,
	{"CommandID", SAYS_WORD, "TransactionReversal", NULL, NULL},
	{"TransactionID", SAYS_ABOUT_RECEIPT, NULL, NULL, NULL},
	{"Amount", SAYS_AMOUNT, NULL, NULL, NULL},
	{"ReceiverParty", SAYS_SHORTCODE, NULL, NULL, NULL},
	{"RecieverIdentifierType", SAYS_WORD, "11", NULL, NULL},
	{"ResultURL", SAYS_RESULT_URL, NULL, NULL, NULL},
	{"QueueTimeOutURL", SAYS_TIMEOUT_URL, NULL, NULL, NULL},
	{"Remarks", SAYS_FIELD, "remarks", NULL, NULL},
	{"Occasion", SAYS_FIELD_IF_TOLD, "occasion", NULL, NULL},
	END,
};

static const struct daraja_word standing_order[] = {
	{"StandingOrderName", SAYS_FIELD, "name", NULL, NULL},
	{"StartDate", SAYS_DATE, "start_date", NULL, NULL},
	{"EndDate", SAYS_DATE, "end_date", NULL, NULL},
	{"BusinessShortCode", SAYS_TILL_OR_SHORTCODE, NULL, NULL, NULL},
	{"TransactionType", SAYS_CHOICE, "kind", NULL,
		CHOICES({"PAY_BILL", "Standing Order Customer Pay Bill"},
			{"BUY_GOODS", "Standing Order Customer Pay Marchant"})},
	{"ReceiverPartyIdentifierType", SAYS_CHOICE, "kind", NULL,
		CHOICES({"PAY_BILL", "4"}, {"BUY_GOODS", "2"})},
	{"Amount", SAYS_AMOUNT, NULL, NULL, NULL},
	{"PartyA", SAYS_PHONE, NULL, NULL, NULL},
	{"CallBackURL", SAYS_RESULT_URL, NULL, NULL, NULL},
	{"AccountReference", SAYS_FIELD, "account_reference", NULL, NULL},
	{"TransactionDesc", SAYS_FIELD, "description", NULL, NULL},
	{"Frequency", SAYS_CHOICE, "frequency", NULL,
		CHOICES({"ONCE", "1"}, {"DAILY", "2"}, {"WEEKLY", "3"}, {"MONTHLY", "4"},
			{"EVERY_TWO_MONTHS", "5"}, {"QUARTERLY", "6"}, {"HALF_YEARLY", "7"}, {"YEARLY", "8"})},
	END,
};

static const struct daraja_word c2b_register[] = {
	{"ShortCode", SAYS_SHORTCODE, NULL, NULL, NULL},
	{"ResponseType", SAYS_CHOICE, "when_unreachable", NULL,
		CHOICES({"COMPLETED", "Completed"}, {"CANCELLED", "Cancelled"})},
	{"ConfirmationURL", SAYS_CONFIRMATION_URL, NULL, NULL, NULL},
	{"ValidationURL", SAYS_VALIDATION_URL, NULL, NULL, NULL},
	END,
};

static const struct daraja_word c2b_simulate[] = {
	{"ShortCode", SAYS_SHORTCODE, NULL, NULL, NULL},
	{"CommandID", SAYS_CHOICE, "kind", NULL,
		CHOICES({"PAY_BILL", "CustomerPayBillOnline"}, {"BUY_GOODS", "CustomerBuyGoodsOnline"})},
	{"Amount", SAYS_AMOUNT, NULL, NULL, NULL},
	{"Msisdn", SAYS_PHONE, NULL, NULL, NULL},
	{"BillRefNumber", SAYS_FIELD_IF_TOLD, "bill_reference", NULL, NULL},
	END,
};

static const struct daraja_word transaction_status[] = {
	INITIATOR,
	{"CommandID", SAYS_WORD, "TransactionStatusQuery", NULL, NULL},
	/* One of them and no other: an empty TransactionID beside the id was answered by a 200 without content. */
	{"OriginalConversationID", SAYS_ABOUT_CONVERSATION_IF_KNOWN, NULL, NULL, NULL},
	{"TransactionID", SAYS_ABOUT_RECEIPT_ELSE, NULL, NULL, NULL},
	{"PartyA", SAYS_SHORTCODE, NULL, NULL, NULL},
	{"IdentifierType", SAYS_WORD, "4", NULL, NULL},
	{"ResultURL", SAYS_RESULT_URL, NULL, NULL, NULL},
	{"QueueTimeOutURL", SAYS_TIMEOUT_URL, NULL, NULL, NULL},
	{"Remarks", SAYS_FIELD_OR, "remarks", "Status question", NULL},
	END,
};

static const struct daraja_word account_balance[] = {
	INITIATOR,
	{"CommandID", SAYS_WORD, "AccountBalance", NULL, NULL},
	{"PartyA", SAYS_SHORTCODE, NULL, NULL, NULL},
	{"IdentifierType", SAYS_WORD, "4", NULL, NULL},
	{"Remarks", SAYS_FIELD_OR, "remarks", "Balance question", NULL},
	URLS,
	END,
};

static const struct daraja_word qr_code[] = {
	{"MerchantName", SAYS_FIELD, "merchant_name", NULL, NULL},
	{"RefNo", SAYS_FIELD, "reference", NULL, NULL},
	{"Amount", SAYS_AMOUNT_OR_0, NULL, NULL, NULL},
	{"TrxCode", SAYS_CHOICE, "kind", NULL,
		CHOICES({"PAY_BILL", "PB"}, {"BUY_GOODS", "BG"}, {"WITHDRAW_AT_AGENT", "WA"},
			{"SEND_MONEY", "SM"}, {"SEND_TO_BUSINESS", "SB"})},
	{"CPI", SAYS_FIELD_OR_SHORTCODE, "receiver", NULL, NULL},
	{"Size", SAYS_FIELD_OR, "size_px", "300", NULL},
	END,
};

static const struct daraja_word org_info[] = {
	{"IdentifierType", SAYS_CHOICE, "kind", NULL, CHOICES({"PAY_BILL", "4"}, {"TILL", "2"})},
	{"Identifier", SAYS_FIELD, "identifier", NULL, NULL},
	END,
};

static const struct daraja_word customer_number[] = {
	{"customerNumber", SAYS_PHONE, NULL, NULL, NULL},
	END,
};

static const struct daraja_word pull_register[] = {
	{"ShortCode", SAYS_SHORTCODE, NULL, NULL, NULL},
	{"RequestType", SAYS_WORD, "Pull", NULL, NULL},
	{"NominatedNumber", SAYS_PHONE, NULL, NULL, NULL},
	{"CallBackURL", SAYS_RESULT_URL, NULL, NULL, NULL},
	END,
};
/* clang-format on */

const struct daraja_word *daraja_words(enum api api)
{
	switch (api) {
	case API_STK_PUSH:
		return stk_push;
	case API_B2C:
		return b2c;
	case API_B2POCHI:
		return b2pochi;
	case API_B2B:
		return b2b;
	case API_TAX_REMITTANCE:
		return tax_remittance;
	case API_B2B_EXPRESS:
		return b2b_express;
	case API_REVERSAL:
		return reversal;
	case API_STANDING_ORDER:
		return standing_order;
	case API_B2C_V1:
		return b2c_v1;
	case API_C2B_REGISTER:
		return c2b_register;
	case API_PULL_REGISTER:
		return pull_register;
	case API_C2B_SIMULATE:
		return c2b_simulate;
	case API_STK_QUERY:
		return stk_query;
	case API_TRANSACTION_STATUS:
		return transaction_status;
	case API_ACCOUNT_BALANCE:
		return account_balance;
	case API_QR_CODE:
		return qr_code;
	case API_ORG_INFO:
		return org_info;
	case API_SIM_SWAP:
	case API_IMSI:
		return customer_number;
	case API_NONE:
	case API_BILL_OPT_IN:
	case API_BILL_INVOICE:
	case API_BILL_INVOICES:
	case API_BILL_CANCEL:
	case API_BILL_RECONCILE:
	case API_PULL_QUERY:
		break;
	}
	return NULL;
}
