#include "core/command_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One field by its row in the api table. Codes are "command.<field>.<fault>", so that a new field brings its own. */

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

struct place {
	const char *path; /* "b2c", "bill_invoices.invoices[3]" */
	const struct field_rule *rule;
	struct command_fault *ret;
};

static bool consists_of(const char *text, const char *characters)
{
	return text[strspn(text, characters)] == '\0';
}

static bool PRINTF_LIKE(3, 4) refuse(const struct place *place, const char *what, const char *fmt, ...)
{
	char code[sizeof(place->ret->code)], field[sizeof(place->ret->field)], text[sizeof(place->ret->text)];
	va_list args;

	snprintf(code, sizeof(code), "command.%s.%s", place->rule->name, what);
	snprintf(field, sizeof(field), "%s.%s", place->path, place->rule->name);
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return command_refuse(place->ret, code, field, "%s", text);
}

/* "account_reference" as a person says it. */
static const char *said(const struct field_rule *rule, char out[64])
{
	snprintf(out, 64, "%s", rule->name);
	return out;
}

static bool check_length(const struct place *place, const char *value, const char *of_what)
{
	const struct field_rule *rule = place->rule;
	const size_t len = strlen(value);
	char name[64];

	if (len >= rule->least && len <= rule->most)
		return true;
	return refuse(place, "length", "the %s has %zu bytes: %u to %u %s are allowed", said(rule, name), len,
		rule->least, rule->most, of_what);
}

static bool check_words(const struct place *place, const char *value)
{
	char name[64];

	if (!check_length(place, value, "characters"))
		return false;
	/* Other characters have made Daraja drop requests without a word. */
	if (!consists_of(value, LETTERS DIGITS " .-"))
		return refuse(place, "characters",
			"the %s has a character that M-PESA may not take: A-Z a-z 0-9, space, . and - are "
			"allowed",
			said(place->rule, name));
	return true;
}

static bool check_phone(const struct place *place, const char *value)
{
	char masked[MSISDN_MASKED];
	struct msisdn msisdn;

	if (msisdn_parse(text_of(value), &msisdn))
		return true;
	return refuse(place, "format",
		"phone %s is no Kenyan mobile number: 07..., 01..., 7..., 1..., 254... or +254... with "
		"digits alone is needed",
		msisdn_masked(value, masked));
}

static bool check_shortcode(const struct place *place, const char *value)
{
	const size_t len = strlen(value);
	char name[64];

	if (len >= 5 && len <= 7 && consists_of(value, DIGITS))
		return true;
	return refuse(place, "format", "the %s is not a number of 5 to 7 digits", said(place->rule, name));
}

bool command_is_receipt(const char *value)
{
	return strlen(value) == 10 && consists_of(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS) &&
	       strcmp(value + 3, "0000000") != 0;
}

static bool check_receipt(const struct place *place, const char *value)
{
	if (command_is_receipt(value))
		return true;
	return refuse(place, "format",
		"the receipt is not one of M-PESA's: 10 capital letters and digits are needed, and not the "
		"placeholder that ends in seven zeros");
}

static bool check_uuid(const struct place *place, const char *value)
{
	struct uuid id;
	char name[64];

	if (uuid_parse(text_of(value), &id))
		return true;
	return refuse(place, "format",
		"the %s is not a UUID in its canonical form: 36 characters, lower case",
		said(place->rule, name));
}

static bool is_id(const char *value)
{
	return consists_of(value, LETTERS DIGITS "_-");
}

static bool check_id(const struct place *place, const char *value)
{
	char name[64];

	if (strlen(value) <= place->rule->most && is_id(value))
		return true;
	return refuse(place, "format", "the %s is not 1 to %u of the characters A-Z a-z 0-9 _ -",
		said(place->rule, name), place->rule->most);
}

static bool digits_at(const char *at, size_t count)
{
	return strspn(at, DIGITS) >= count;
}

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool command_is_date(const char *value)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year, month, day;

	if (strlen(value) != 10 || value[4] != '-' || value[7] != '-' || !digits_at(value, 4) ||
		!digits_at(value + 5, 2) || !digits_at(value + 8, 2))
		return false;
	year = (value[0] - '0') * 1000 + (value[1] - '0') * 100 + (value[2] - '0') * 10 + value[3] - '0';
	month = (value[5] - '0') * 10 + value[6] - '0';
	day = (value[8] - '0') * 10 + value[9] - '0';
	if (month < 1 || month > 12)
		return false;
	return day >= 1 && day <= days[month - 1] + (month == 2 && is_leap(year));
}

static bool check_date(const struct place *place, const char *value)
{
	char name[64];

	if (command_is_date(value))
		return true;
	return refuse(place, "format", "the %s is no date: YYYY-MM-DD is needed", said(place->rule, name));
}

static bool check_email(const struct place *place, const char *value)
{
	const char *at = strchr(value, '@');

	if (!check_length(place, value, "characters"))
		return false;
	if (at != NULL && at != value && at[1] != '\0' && strchr(at + 1, '@') == NULL &&
		consists_of(value, LETTERS DIGITS "@._+-"))
		return true;
	return refuse(place, "format", "the %s is no e-mail address", place->rule->name);
}

static bool check_url(const struct place *place, const char *value)
{
	if (!check_length(place, value, "characters"))
		return false;
	if (strncmp(value, "https://", 8) == 0 && value[8] != '\0' &&
		consists_of(value, LETTERS DIGITS "-._~:/?#[]@!$&'()*+,;=%%"))
		return true;
	return refuse(place, "format", "the %s is no address: https://... is needed", place->rule->name);
}

static bool check_number(const struct place *place, const char *value)
{
	int64_t number;

	if (text_to_int64(text_of(value), &number) &&
		(number == 0 || (number >= place->rule->least && number <= place->rule->most)))
		return true;
	return refuse(place, "range", "%s is %s: %u to %u, or 0, is allowed", place->rule->name, value,
		place->rule->least, place->rule->most);
}

static bool check_amount(const struct place *place, const char *value)
{
	int64_t cents;

	if (text_to_int64(text_of(value), &cents) && cents > 0 && cents % 100 == 0)
		return true;
	return refuse(place, "range", "%s %s: whole shillings are needed, a multiple of 100 above 0",
		place->rule->name, value);
}

static bool check_count(const struct place *place, size_t count)
{
	if (count >= place->rule->least && count <= place->rule->most)
		return true;
	return refuse(place, "count", "there are %zu of %s: %u to %u are allowed", count, place->rule->name,
		place->rule->least, place->rule->most);
}

static bool check_ids(const struct place *place, const struct command_field *field)
{
	enum { ID_MOST = 40 };

	if (!check_count(place, field->item_count))
		return false;
	for (size_t i = 0; i < field->item_count; i++) {
		const char *value = field->items[i].count > 0 ? field->items[i].at[0].text : "";

		if (value[0] == '\0' || strlen(value) > ID_MOST || !is_id(value))
			return refuse(place, "format",
				"number %zu of %s is not 1 to %d of the characters A-Z a-z 0-9 _ -", i + 1,
				place->rule->name, ID_MOST);
	}
	return true;
}

static bool check_list(const struct place *place, const struct command_field *field)
{
	if (!check_count(place, field->item_count))
		return false;
	for (size_t i = 0; i < field->item_count; i++) {
		char path[80];

		snprintf(path, sizeof(path), "%s.%s[%zu]", place->path, place->rule->name, i);
		if (!command_check_fields(&field->items[i], place->rule->items, path, place->ret))
			return false;
	}
	return true;
}

static bool check_missing(const struct place *place)
{
	const struct field_rule *rule = place->rule;
	char name[64];

	if (rule->least == 0 || rule->kind == FIELD_NUMBER)
		return true;
	if (rule->kind == FIELD_PHONE)
		return refuse(place, "missing", "there is no phone: 2547XXXXXXXX is needed");
	if (rule->kind == FIELD_WORDS)
		return refuse(place, "missing", "there is no %s: %u to %u characters are needed",
			said(rule, name), rule->least, rule->most);
	return refuse(place, "missing", "there is no %s, which is needed", said(rule, name));
}

static bool check_value(const struct place *place, const char *value)
{
	if (value[0] == '\0')
		return check_missing(place);
	switch (place->rule->kind) {
	case FIELD_WORDS:
		return check_words(place, value);
	case FIELD_PHONE:
		return check_phone(place, value);
	case FIELD_SHORTCODE:
		return check_shortcode(place, value);
	case FIELD_RECEIPT:
		return check_receipt(place, value);
	case FIELD_UUID:
		return check_uuid(place, value);
	case FIELD_ID:
		return check_id(place, value);
	case FIELD_DATE:
		return check_date(place, value);
	case FIELD_EMAIL:
		return check_email(place, value);
	case FIELD_URL:
		return check_url(place, value);
	case FIELD_NUMBER:
		return check_number(place, value);
	case FIELD_AMOUNT:
		return check_amount(place, value);
	case FIELD_NONE:
	case FIELD_CHOICE:
	case FIELD_IDS:
	case FIELD_LIST:
		break;
	}
	return true;
}

bool command_check_fields(const struct command_fields *fields, const struct field_rule *rules,
	const char *path, struct command_fault *ret)
{
	for (const struct field_rule *rule = rules; rule->name != NULL; rule++) {
		const struct command_field *field = command_field_find(fields, rule->name);
		const struct place place = {.path = path, .rule = rule, .ret = ret};
		const struct command_field none = {.name = rule->name, .text = ""};

		if (field == NULL)
			field = &none;
		if (rule->kind == FIELD_IDS        ? !check_ids(&place, field)
			: rule->kind == FIELD_LIST ? !check_list(&place, field)
						   : !check_value(&place, field->text))
			return false;
	}
	return true;
}
