#include "io/account_file.h"

#include "base/fault.h"

#include <cyaml/cyaml.h>
#include <stdio.h>

enum { NAME_MOST = 64, VALUE_MOST = 4096, ACCOUNTS_MOST = 1000, TENANTS_MOST = 1000 };

#define OPTIONAL(key)                                                                                        \
	CYAML_FIELD_STRING_PTR(                                                                              \
		#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct account_draft, key, 0, VALUE_MOST)

static const cyaml_schema_value_t tenant_schema = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, NAME_MOST),
};

static const cyaml_schema_field_t account_fields[] = {
	CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER, struct account_draft, name, 1, NAME_MOST),
	CYAML_FIELD_STRING_PTR(
		"shortcode", CYAML_FLAG_POINTER, struct account_draft, shortcode, 1, NAME_MOST),
	OPTIONAL(environment),
	OPTIONAL(kind),
	OPTIONAL(app),
	OPTIONAL(api_base),
	OPTIONAL(consumer_key),
	OPTIONAL(consumer_key_file),
	OPTIONAL(consumer_secret),
	OPTIONAL(consumer_secret_file),
	OPTIONAL(passkey),
	OPTIONAL(passkey_file),
	OPTIONAL(initiator),
	OPTIONAL(initiator_password),
	OPTIONAL(initiator_password_file),
	OPTIONAL(security_credential),
	OPTIONAL(security_credential_file),
	OPTIONAL(certificate_file),
	OPTIONAL(b2c_version),
	OPTIONAL(c2b_version),
	OPTIONAL(till_identifier),
	OPTIONAL(older_b2b),
	OPTIONAL(c2b_secret),
	OPTIONAL(c2b_secret_file),
	OPTIONAL(bill_app_key),
	OPTIONAL(bill_app_key_file),
	OPTIONAL(c2b_pattern),
	OPTIONAL(c2b_minimum),
	OPTIONAL(c2b_maximum),
	OPTIONAL(c2b_references_file),
	OPTIONAL(c2b_reject_unknown),
	OPTIONAL(c2b_needs_phone),
	CYAML_FIELD_SEQUENCE("c2b_shortcodes", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct account_draft,
		c2b_shortcodes, &tenant_schema, 0, TENANTS_MOST),
	CYAML_FIELD_SEQUENCE("tenants", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct account_draft,
		tenants, &tenant_schema, 0, TENANTS_MOST),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t account_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct account_draft, account_fields),
};

static const cyaml_schema_field_t file_fields[] = {
	CYAML_FIELD_SEQUENCE("accounts", CYAML_FLAG_POINTER, struct account_file, accounts, &account_schema,
		1, ACCOUNTS_MOST),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t file_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct account_file, file_fields),
};

/* The library tells line, column and path by its log alone, a line at a time. */
static void on_complaint(cyaml_log_t level, void *cookie, const char *fmt, va_list args)
{
	struct buf *out = cookie;
	char line[256];
	struct text text;

	if (level < CYAML_LOG_ERROR)
		return;
	vsnprintf(line, sizeof(line), fmt, args);
	text = text_trim(text_of(line));
	if (text.len == 0 || out->full)
		return;
	if (out->len > 0)
		buf_str(out, ", ");
	buf_text(out, text);
}

static cyaml_config_t config_of(struct buf *complaints)
{
	return (cyaml_config_t){
		.log_fn = on_complaint,
		.log_ctx = complaints,
		.mem_fn = cyaml_mem,
		.log_level = CYAML_LOG_ERROR,
		.flags = CYAML_CFG_DEFAULT,
	};
}

bool account_file_parse(struct account_file **ret, struct text yaml, struct err *err)
{
	char memory[200];
	struct buf complaints = BUF(memory);
	cyaml_config_t config = config_of(&complaints);
	cyaml_data_t *data = NULL;
	cyaml_err_t code;

	code = cyaml_load_data((const uint8_t *)yaml.at, yaml.len, &config, &file_schema, &data, NULL);
	if (FAULT("account.parse", FAULT_FAILED)) {
		account_file_free((struct account_file **)&data);
		code = CYAML_ERR_OOM;
	}
	if (code != CYAML_OK)
		return err_set(
			err, ERR_BROKEN, (int)code, "%s: %s", cyaml_strerror(code), buf_end(&complaints));
	if (data == NULL)
		return err_set(err, ERR_BROKEN, 0, "there is nothing in it");
	*ret = data;
	return true;
}

void account_file_free(struct account_file **file)
{
	char memory[200];
	struct buf complaints = BUF(memory);
	cyaml_config_t config = config_of(&complaints);

	if (*file != NULL)
		cyaml_free(&config, &file_schema, *file, 0);
	*file = NULL;
}
