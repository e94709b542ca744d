#include "service/service.h"

#include <stddef.h>

/* Every name that a program of the release reads: what is not here is a slip of the pen, and refused. */
static const char *const names[] = {
        "MPESA_ENVIRONMENT",
        "MPESA_CONSUMER_KEY",
        "MPESA_CONSUMER_SECRET",
        "MPESA_BUSINESS_SHORT_CODE",
        "MPESA_PASSKEY",
        "MPESA_INITIATOR_NAME",
        "MPESA_INITIATOR_PASSWORD",
        "MPESA_SECURITY_CREDENTIAL",
        "MPESA_CERTIFICATE_FILE",
        "MPESA_CALLBACK_BASE_URL",
        "MPESA_API_BASE_URL",
        "MKONDO_KAFKA_BOOTSTRAP",
        "MKONDO_KAFKA_PROPERTIES_FILE",
        "MKONDO_TOPIC_PREFIX",
        "MKONDO_EVENT_SOURCE",
        "MKONDO_PG",
        "MKONDO_ACCOUNTS_FILE",
        "MKONDO_CALLBACK_KEYS_FILE",
        "MKONDO_CALLBACK_PREFIX",
        "MKONDO_CALLBACK_SOURCES",
        "MKONDO_STORE_KEYS_FILE",
        "MKONDO_SPOOL_DIR",
        "MKONDO_SEND_JOURNAL_DIR",
        "MKONDO_WEBHOOK_LISTEN",
        "MKONDO_WEBHOOK_TLS_CERT_FILE",
        "MKONDO_WEBHOOK_TLS_KEY_FILE",
        "MKONDO_ADMIN_LISTEN",
        "MKONDO_LOG_LEVEL",
        "MKONDO_RESULT_ENCODING",
        "MKONDO_CONFIRM_ABOVE",
        "MKONDO_RATE_INTERACTIVE",
        "MKONDO_RATE_PAYOUT",
        "MKONDO_RATE_BUSINESS",
        "MKONDO_RATE_CARE",
        "MKONDO_RATE_QUERY",
        "MKONDO_TIME_SCALE",
        "MKONDO_DRAIN",
        "MKONDO_INSTANCE",
        "MKONDO_CONNECTIONS",
        "MKONDO_RETENTION",
        "MKONDO_TEST_PG",
        NULL,
};

const char *const *service_known_settings(void)
{
	return names;
}
