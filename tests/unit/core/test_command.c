#include "core/command.h"

#include "base/arena.h"
#include "check.h"

#define ROWS(rows) (sizeof(rows) / sizeof((rows)[0]))
#define DAY_MS     (24 * 3600 * (int64_t)1000)
#define NOW_MS     (1795500000 * (int64_t)1000)

static const struct account account = {
	.name = "default",
	.shortcode = "174379",
	.passkey = "passkey",
	.initiator = "api",
	.security_credential = "c2VjcmV0",
};

static struct uuid id_at(int64_t ms)
{
	static const uint8_t random[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

	return uuid_v7(instant_of_ms(ms), random);
}

/* The fields of a command that a test makes up; their place is taken again after many. */
enum { FIELDS_MOST = 12, POOL = 64 };

static void put(struct command *command, const char *name, const char *text)
{
	struct command_field *fields = (struct command_field *)(uintptr_t)command->fields.at;
	size_t i = 0;

	while (i < command->fields.count && strcmp(fields[i].name, name) != 0)
		i++;
	if (i == command->fields.count)
		command->fields.count++;
	assert_true(i < FIELDS_MOST);
	fields[i] = (struct command_field){.name = name, .text = text};
}

static struct command empty(void)
{
	static struct command_field pool[POOL][FIELDS_MOST];
	static unsigned next;
	static char id_text[UUID_TEXT];
	struct command command = {
		.has_id = true, .tenant = "shop", .account = "", .currency = "", .traceparent = ""};

	command.fields.at = pool[next++ % POOL];
	command.id = id_at(NOW_MS);
	command.id_text = text_of(uuid_text(&command.id, id_text));
	return command;
}

static struct command push(void)
{
	struct command command = empty();

	command.api = API_STK_PUSH;
	command.amount_cents = 35000;
	put(&command, "phone", "0711222333");
	put(&command, "account_reference", "INV-12.7 A");
	put(&command, "description", "Groceries");
	put(&command, "kind", "PAY_BILL");
	return command;
}

static struct command payout(void)
{
	struct command command = empty();

	command.api = API_B2C;
	command.amount_cents = 100000;
	put(&command, "phone", "+254711222333");
	put(&command, "remarks", "Refund 12");
	put(&command, "kind", "BUSINESS_PAYMENT");
	return command;
}

static struct command question(void)
{
	struct command command = empty();

	command.api = API_STK_QUERY;
	put(&command, "checkout_request_id", "ws_CO_23112026101500-1");
	return command;
}

static struct command_limits limits(void)
{
	return (struct command_limits){
		.now = instant_of_ms(NOW_MS), .retention_ms = 90 * DAY_MS, .account = &account};
}

/* What one test row changes; the strings that are NULL stay. */
struct change {
	const char *what;
	struct command (*base)(void);
	const char *tenant, *account, *currency, *phone, *account_reference, *description, *till, *remarks,
		*occasion;
	const char *payment_id, *checkout_request_id, *kind;
	int64_t amount_cents, valid_until_ms; /* 0: stays; NONE: becomes 0 */
	int priority;
	const char *want_code, *want_field; /* NULL: it is good */
};

#define NONE              INT64_MIN
#define PUT(row, c, at)   ((row)->at != NULL ? (void)((c)->at = (row)->at) : (void)0)
#define FIELD(row, c, at) ((row)->at != NULL ? put(c, #at, (row)->at) : (void)0)

static struct command changed(const struct change *row)
{
	struct command command = row->base();

	PUT(row, &command, tenant);
	PUT(row, &command, account);
	PUT(row, &command, currency);
	FIELD(row, &command, phone);
	FIELD(row, &command, account_reference);
	FIELD(row, &command, description);
	FIELD(row, &command, till);
	FIELD(row, &command, remarks);
	FIELD(row, &command, occasion);
	FIELD(row, &command, payment_id);
	FIELD(row, &command, checkout_request_id);
	if (row->amount_cents != 0)
		command.amount_cents = row->amount_cents == NONE ? 0 : row->amount_cents;
	command.valid_until_ms = row->valid_until_ms;
	command.priority = row->priority;
	FIELD(row, &command, kind);
	return command;
}

static void check_rows(const struct change *rows, size_t count)
{
	struct command_limits all = limits();

	for (size_t i = 0; i < count; i++) {
		struct command command = changed(&rows[i]);
		struct command_fault fault = {.code = "untouched"};
		bool good = command_check(&command, &all, &fault);

		if (rows[i].want_code == NULL) {
			CHECK(good, "%s: refused with %s: %s", rows[i].what, fault.code, fault.text);
			assert_string_equal(fault.code, "untouched");
			continue;
		}
		CHECK(!good, "%s: taken", rows[i].what);
		CHECK(strcmp(fault.code, rows[i].want_code) == 0, "%s: %s: %s", rows[i].what, fault.code,
			fault.text);
		CHECK(strcmp(fault.field, rows[i].want_field) == 0, "%s: field %s", rows[i].what,
			fault.field);
		CHECK(text_is_utf8(text_of(fault.text)) && strchr(fault.text, ' ') != NULL, "%s: %s",
			rows[i].what, fault.text);
		CHECK(strstr(fault.text, "711222333") == NULL, "%s shows a phone: %s", rows[i].what,
			fault.text);
	}
}

#define LONG_64  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LONG_100 LONG_64 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void test_what_every_command_needs(void **state)
{
	static const struct change rows[] = {
		{.what = "a good push", .base = push},
		{.what = "a good payout", .base = payout},
		{.what = "a good question", .base = question},
		{.what = "no tenant",
			.base = push,
			.tenant = "",
			.want_code = "command.tenant.missing",
			.want_field = "tenant"},
		{.what = "capitals",
			.base = push,
			.tenant = "Shop",
			.want_code = "command.tenant.format",
			.want_field = "tenant"},
		{.what = "space",
			.base = push,
			.tenant = "my shop",
			.want_code = "command.tenant.format",
			.want_field = "tenant"},
		{.what = "65 letters",
			.base = push,
			.tenant = LONG_64 "a",
			.want_code = "command.tenant.format",
			.want_field = "tenant"},
		{.what = "64 letters", .base = push, .tenant = LONG_64},
		{.what = "all kinds", .base = push, .tenant = "a-z_0.9"},
		{.what = "account named", .base = push, .account = "default"},
		{.what = "shillings", .base = push, .currency = "KES"},
		{.what = "dollars",
			.base = push,
			.currency = "USD",
			.want_code = "command.currency.unsupported",
			.want_field = "currency"},
		{.what = "small letters",
			.base = push,
			.currency = "kes",
			.want_code = "command.currency.unsupported",
			.want_field = "currency"},
		{.what = "odd currency",
			.base = push,
			.currency = "\xf0\x9f\x92\xb0",
			.want_code = "command.currency.unsupported",
			.want_field = "currency"},
		{.what = "now is too late",
			.base = push,
			.valid_until_ms = NOW_MS,
			.want_code = "command.valid_until.past",
			.want_field = "valid_until_ms"},
		{.what = "before 1970",
			.base = push,
			.valid_until_ms = -1,
			.want_code = "command.valid_until.past",
			.want_field = "valid_until_ms"},
		{.what = "a ms ahead", .base = push, .valid_until_ms = NOW_MS + 1},
		{.what = "seven days", .base = push, .valid_until_ms = NOW_MS + 7 * DAY_MS},
		{.what = "and a ms",
			.base = push,
			.valid_until_ms = NOW_MS + 7 * DAY_MS + 1,
			.want_code = "command.valid_until.too_far",
			.want_field = "valid_until_ms"},
		{.what = "for ever",
			.base = push,
			.valid_until_ms = INT64_MAX,
			.want_code = "command.valid_until.too_far",
			.want_field = "valid_until_ms"},
		{.what = "bulk", .base = push, .priority = 2},
		{.what = "priority 3",
			.base = push,
			.priority = 3,
			.want_code = "command.priority.unknown",
			.want_field = "priority"},
		{.what = "priority -1",
			.base = push,
			.priority = -1,
			.want_code = "command.priority.unknown",
			.want_field = "priority"},
		{.what = "no operation",
			.base = empty,
			.want_code = "command.operation.missing",
			.want_field = "operation"},
	};

	(void)state;
	check_rows(rows, ROWS(rows));
}

static void test_money_is_refused_and_never_rounded(void **state)
{
	static const struct change rows[] = {
		{.what = "no amount",
			.base = push,
			.amount_cents = NONE,
			.want_code = "command.amount.missing",
			.want_field = "amount_cents"},
		{.what = "1050 cents",
			.base = push,
			.amount_cents = 1050,
			.want_code = "command.amount.fraction",
			.want_field = "amount_cents"},
		{.what = "a cent",
			.base = push,
			.amount_cents = 1,
			.want_code = "command.amount.fraction",
			.want_field = "amount_cents"},
		{.what = "negative",
			.base = push,
			.amount_cents = -100,
			.want_code = "command.amount.range",
			.want_field = "amount_cents"},
		{.what = "a shilling", .base = push, .amount_cents = 100},
		{.what = "the most", .base = push, .amount_cents = 25000000},
		{.what = "one more",
			.base = push,
			.amount_cents = 25000100,
			.want_code = "command.amount.range",
			.want_field = "amount_cents"},
		{.what = "all there is",
			.base = push,
			.amount_cents = INT64_MAX - 7,
			.want_code = "command.amount.range",
			.want_field = "amount_cents"},
		{.what = "payout of 9",
			.base = payout,
			.amount_cents = 900,
			.want_code = "command.amount.range",
			.want_field = "amount_cents"},
		{.what = "payout of 10", .base = payout, .amount_cents = 1000},
		{.what = "payout of the most", .base = payout, .amount_cents = 25000000},
		{.what = "payout of one more",
			.base = payout,
			.amount_cents = 25000100,
			.want_code = "command.amount.range",
			.want_field = "amount_cents"},
		{.what = "a question with money",
			.base = question,
			.amount_cents = 100,
			.want_code = "command.amount.range",
			.want_field = "amount_cents"},
	};
	struct command command = push();
	struct command_limits all = limits();
	struct command_fault fault;

	(void)state;
	check_rows(rows, ROWS(rows));
	command.amount_cents = 1050;
	assert_false(command_check(&command, &all, &fault));
	assert_string_equal(fault.text,
		"amount_cents 1050 is not a whole number of shillings: a multiple of 100 is needed");
}

static void test_a_push_needs_what_daraja_needs(void **state)
{
	static const struct change rows[] = {
		{.what = "no phone",
			.base = push,
			.phone = "",
			.want_code = "command.phone.missing",
			.want_field = "stk_push.phone"},
		{.what = "short phone",
			.base = push,
			.phone = "071122233",
			.want_code = "command.phone.format",
			.want_field = "stk_push.phone"},
		{.what = "spaces in it",
			.base = push,
			.phone = "0711 222333",
			.want_code = "command.phone.format",
			.want_field = "stk_push.phone"},
		{.what = "another country",
			.base = push,
			.phone = "255711222333",
			.want_code = "command.phone.format",
			.want_field = "stk_push.phone"},
		{.what = "no reference",
			.base = push,
			.account_reference = "",
			.want_code = "command.account_reference.missing",
			.want_field = "stk_push.account_reference"},
		{.what = "12 of it", .base = push, .account_reference = "123456789012"},
		{.what = "13 of it",
			.base = push,
			.account_reference = "1234567890123",
			.want_code = "command.account_reference.length",
			.want_field = "stk_push.account_reference"},
		{.what = "ampersand",
			.base = push,
			.account_reference = "A&B",
			.want_code = "command.account_reference.characters",
			.want_field = "stk_push.account_reference"},
		{.what = "letters beyond ASCII",
			.base = push,
			.account_reference = "caf\xc3\xa9",
			.want_code = "command.account_reference.characters",
			.want_field = "stk_push.account_reference"},
		{.what = "a newline",
			.base = push,
			.account_reference = "A\nB",
			.want_code = "command.account_reference.characters",
			.want_field = "stk_push.account_reference"},
		{.what = "no description",
			.base = push,
			.description = "",
			.want_code = "command.description.missing",
			.want_field = "stk_push.description"},
		{.what = "13 of it", .base = push, .description = "1234567890123"},
		{.what = "14 of it",
			.base = push,
			.description = "12345678901234",
			.want_code = "command.description.length",
			.want_field = "stk_push.description"},
		{.what = "hash",
			.base = push,
			.description = "#1",
			.want_code = "command.description.characters",
			.want_field = "stk_push.description"},
		{.what = "till of a paybill",
			.base = push,
			.till = "123456",
			.want_code = "command.till.not_allowed",
			.want_field = "stk_push.till"},
		{.what = "no till to buy goods",
			.base = push,
			.kind = "BUY_GOODS",
			.want_code = "command.till.missing",
			.want_field = "stk_push.till"},
		{.what = "till of 4",
			.base = push,
			.kind = "BUY_GOODS",
			.till = "1234",
			.want_code = "command.till.format",
			.want_field = "stk_push.till"},
		{.what = "till of 8",
			.base = push,
			.kind = "BUY_GOODS",
			.till = "12345678",
			.want_code = "command.till.format",
			.want_field = "stk_push.till"},
		{.what = "till of letters",
			.base = push,
			.kind = "BUY_GOODS",
			.till = "12a45",
			.want_code = "command.till.format",
			.want_field = "stk_push.till"},
		{.what = "till of 6", .base = push, .kind = "BUY_GOODS", .till = "123456"},
	};

	(void)state;
	check_rows(rows, ROWS(rows));
}

static void test_a_payout_needs_what_daraja_needs(void **state)
{
	static const struct change rows[] = {
		{.what = "no phone",
			.base = payout,
			.phone = "",
			.want_code = "command.phone.missing",
			.want_field = "b2c.phone"},
		{.what = "bad phone",
			.base = payout,
			.phone = "711222333x",
			.want_code = "command.phone.format",
			.want_field = "b2c.phone"},
		{.what = "promotion", .base = payout, .kind = "PROMOTION_PAYMENT"},
		{.what = "no remarks",
			.base = payout,
			.remarks = "",
			.want_code = "command.remarks.missing",
			.want_field = "b2c.remarks"},
		{.what = "one letter",
			.base = payout,
			.remarks = "x",
			.want_code = "command.remarks.length",
			.want_field = "b2c.remarks"},
		{.what = "two", .base = payout, .remarks = "xy"},
		{.what = "100", .base = payout, .remarks = LONG_100},
		{.what = "101",
			.base = payout,
			.remarks = LONG_100 "c",
			.want_code = "command.remarks.length",
			.want_field = "b2c.remarks"},
		{.what = "at sign",
			.base = payout,
			.remarks = "a@b",
			.want_code = "command.remarks.characters",
			.want_field = "b2c.remarks"},
		{.what = "occasion of 100", .base = payout, .occasion = LONG_100},
		{.what = "occasion of 101",
			.base = payout,
			.occasion = LONG_100 "c",
			.want_code = "command.occasion.length",
			.want_field = "b2c.occasion"},
		{.what = "slash",
			.base = payout,
			.occasion = "a/b",
			.want_code = "command.occasion.characters",
			.want_field = "b2c.occasion"},
	};

	(void)state;
	check_rows(rows, ROWS(rows));
}

static void test_a_question_names_one_thing(void **state)
{
	static const char *const uuid = "018f0304-0506-7008-900a-0b0c0d0e0f10";
	const struct change rows[] = {
		{.what = "by payment", .base = question, .payment_id = uuid, .checkout_request_id = ""},
		{.what = "neither",
			.base = question,
			.checkout_request_id = "",
			.want_code = "command.stk_query.target",
			.want_field = "stk_query"},
		{.what = "both",
			.base = question,
			.payment_id = uuid,
			.want_code = "command.stk_query.target",
			.want_field = "stk_query"},
		{.what = "no UUID",
			.base = question,
			.payment_id = "18f",
			.checkout_request_id = "",
			.want_code = "command.payment_id.format",
			.want_field = "stk_query.payment_id"},
		{.what = "64 characters", .base = question, .checkout_request_id = LONG_64},
		{.what = "65",
			.base = question,
			.checkout_request_id = LONG_64 "a",
			.want_code = "command.checkout_request_id.format",
			.want_field = "stk_query.checkout_request_id"},
		{.what = "a quote",
			.base = question,
			.checkout_request_id = "ws\"",
			.want_code = "command.checkout_request_id.format",
			.want_field = "stk_query.checkout_request_id"},
	};

	(void)state;
	check_rows(rows, ROWS(rows));
}

static void test_an_id_that_could_be_paid_twice_is_refused(void **state)
{
	struct uuid v4 = {{1, 2, 3, 4, 5, 6, 0x47, 8, 0x89, 10, 11, 12, 13, 14, 15, 16}};
	const struct {
		const char *what;
		struct uuid id;
		int64_t retention_ms;
		const char *want;
	} rows[] = {
		{"fresh", id_at(NOW_MS), 90 * DAY_MS, NULL},
		{"10 min ahead", id_at(NOW_MS + 600000), 90 * DAY_MS, NULL},
		{"and a ms", id_at(NOW_MS + 600001), 90 * DAY_MS, "command.id.in_future"},
		{"ahead, nothing is ever dropped", id_at(NOW_MS + 600001), 0, "command.id.in_future"},
		{"as old as may be", id_at(NOW_MS - 89 * DAY_MS), 90 * DAY_MS, NULL},
		{"and a ms", id_at(NOW_MS - 89 * DAY_MS - 1), 90 * DAY_MS, "command.id.too_old"},
		{"old, nothing is ever dropped", id_at(NOW_MS - 900 * DAY_MS), 0, NULL},
		{"version 4", v4, 90 * DAY_MS, "command.id.version"},
		{"version 4, nothing is ever dropped", v4, 0, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct command command = push();
		struct command_limits all = limits();
		struct command_fault fault = {.code = ""};
		bool good;

		command.id = rows[i].id;
		all.retention_ms = rows[i].retention_ms;
		good = command_check(&command, &all, &fault);
		CHECK(good == (rows[i].want == NULL), "row %zu, %s: %s", i, rows[i].what, fault.code);
		CHECK(good || strcmp(fault.code, rows[i].want) == 0, "row %zu, %s: %s", i, rows[i].what,
			fault.code);
	}
}

static void test_an_id_must_be_there_and_canonical(void **state)
{
	struct command command = push();
	struct command_limits all = limits();
	struct command_fault fault;

	(void)state;
	command.has_id = false;
	assert_false(command_check(&command, &all, &fault));
	assert_string_equal(fault.code, "command.id.format");
	command.id_text = TEXT("");
	assert_false(command_check(&command, &all, &fault));
	assert_string_equal(fault.code, "command.id.missing");
	assert_string_equal(fault.field, "id");
}

static void test_metadata_are_bounded(void **state)
{
	static const char long_256[] = LONG_64 LONG_64 LONG_64 LONG_64;
	static const char long_257[] = LONG_64 LONG_64 LONG_64 LONG_64 "a";
	struct metadata entries[17];
	struct command command = push();
	struct command_limits all = limits();
	struct command_fault fault;
	const struct {
		struct metadata entry;
		const char *want;
	} rows[] = {
		{{"", "x"}, "command.metadata.key"},
		{{LONG_64 "a", "x"}, "command.metadata.key"},
		{{LONG_64, ""}, NULL},
		{{"k", long_256}, NULL},
		{{"k", long_257}, "command.metadata.value"},
		{{"k\xc3\xa9", long_257}, "command.metadata.value"},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(entries); i++)
		entries[i] = (struct metadata){"key", "value"};
	command.metadata = entries;
	command.metadata_count = 16;
	assert_true(command_check(&command, &all, &fault));
	command.metadata_count = 17;
	assert_false(command_check(&command, &all, &fault));
	assert_string_equal(fault.code, "command.metadata.count");
	command.metadata_count = 1;
	for (size_t i = 0; i < ROWS(rows); i++) {
		bool good;

		entries[0] = rows[i].entry;
		good = command_check(&command, &all, &fault);
		CHECK(good == (rows[i].want == NULL) && (good || strcmp(fault.code, rows[i].want) == 0),
			"row %zu", i);
		CHECK(good || text_is_utf8(text_of(fault.text)), "row %zu: %s", i, fault.text);
	}
}

static void test_the_account_must_be_there_serve_the_tenant_and_be_able(void **state)
{
	static const char *const others[] = {"fleet", NULL};
	const struct account of_others = {.name = "default",
		.tenants = others,
		.passkey = "x",
		.initiator = "x",
		.security_credential = "x"};
	const struct account no_passkey = {
		.name = "bare", .passkey = "", .initiator = "x", .security_credential = "x"};
	const struct account no_initiator = {
		.name = "bare", .passkey = "x", .initiator = "", .security_credential = "x"};
	const struct account no_credential = {
		.name = "bare", .passkey = "x", .initiator = "x", .security_credential = ""};
	const struct {
		const char *what;
		const struct account *account;
		struct command (*base)(void);
		const char *want, *want_word;
	} rows[] = {
		{"none", NULL, push, "command.account.unknown", "nowhere"},
		{"for others", &of_others, push, "command.account.tenant", "shop"},
		{"push without passkey", &no_passkey, push, "command.account.cannot", "passkey"},
		{"question without passkey", &no_passkey, question, "command.account.cannot", "passkey"},
		{"payout without passkey", &no_passkey, payout, NULL, NULL},
		{"payout without initiator", &no_initiator, payout, "command.account.cannot", "initiator"},
		{"push without initiator", &no_initiator, push, NULL, NULL},
		{"payout without credential", &no_credential, payout, "command.account.cannot",
			"security credential"},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct command command = rows[i].base();
		struct command_limits all = limits();
		struct command_fault fault = {.code = ""};
		bool good;

		command.account = "nowhere";
		all.account = rows[i].account;
		good = command_check(&command, &all, &fault);
		CHECK(good == (rows[i].want == NULL), "%s: %s", rows[i].what, fault.code);
		if (!good) {
			CHECK(strcmp(fault.code, rows[i].want) == 0, "%s: %s", rows[i].what, fault.code);
			CHECK(strstr(fault.text, rows[i].want_word) != NULL, "%s: %s", rows[i].what,
				fault.text);
		}
	}
}

static void test_what_this_release_does_not_carry_is_refused(void **state)
{
	struct command_limits all = limits();

	(void)state;
	for (const struct api_row *row = api_each(NULL); row != NULL; row = api_each(row)) {
		struct command command = empty();
		struct command_fault fault = {.code = ""};

		command.api = row->api;
		command.amount_cents = row->least_shillings * 100;
		/* Some inquiries need no field at all. */
		if (command_check(&command, &all, &fault)) {
			CHECK(row->served && row->key == KEY_REPEATABLE, "%s", row->name);
			continue;
		}
		CHECK((strcmp(fault.code, "command.operation.not_served") == 0) == !row->served, "%s: %s",
			row->name, fault.code);
	}
}

static void test_the_first_fault_is_told_in_order_of_the_fields(void **state)
{
	struct command command = push();
	struct command_limits all = limits();
	struct command_fault fault;

	(void)state;
	command.tenant = "";
	command.amount_cents = 1050;
	command.currency = "USD";
	put(&command, "phone", "");
	assert_false(command_check(&command, &all, &fault));
	assert_string_equal(fault.field, "tenant");
	command.tenant = "shop";
	assert_false(command_check(&command, &all, &fault));
	assert_string_equal(fault.field, "amount_cents");
	command.amount_cents = 100;
	assert_false(command_check(&command, &all, &fault));
	assert_string_equal(fault.field, "currency");
}

static void test_a_good_command_becomes_its_payment(void **state)
{
	struct command command = push();
	struct instant now = instant_of_ms(NOW_MS);
	struct payment payment;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	command.priority = PRIORITY_BULK;
	command.canonical = TEXT("canonical");
	command.fingerprint.b[0] = 7;
	command.traceparent = "00-trace";
	command.created_at_ms = 5;
	command_payment(&command, &account, now, 1, &arena, &payment);
	assert_memory_equal(&payment.id, &command.id, sizeof(payment.id));
	assert_int_equal(payment.fingerprint.b[0], 7);
	assert_string_equal(payment.tenant, "shop");
	assert_string_equal(payment.account, "default");
	assert_int_equal(payment.api, API_STK_PUSH);
	assert_int_equal(payment.lane, LANE_INTERACTIVE);
	assert_int_equal(payment.priority, PRIORITY_BULK);
	assert_false(payment.rejected);
	assert_int_equal(amount_cents(payment.amount), 35000);
	assert_string_equal(payment.party, "254711222333");
	assert_string_equal(payment.reference, "INV-12.7 A");
	assert_int_equal(instant_ms(payment.created_at), NOW_MS);
	assert_int_equal(instant_ms(payment.valid_until), NOW_MS + 120000);
	assert_true(text_is(payment.command, "canonical"));
	assert_string_equal(payment.traceparent, "00-trace");
	arena_done(&arena);
}

static void test_valid_until_is_the_senders_or_the_apis_scaled(void **state)
{
	struct command command = payout();
	struct instant now = instant_of_ms(NOW_MS);
	struct payment payment;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	command_payment(&command, &account, now, 1, &arena, &payment);
	assert_int_equal(instant_ms(payment.valid_until), NOW_MS + DAY_MS);
	assert_int_equal(payment.lane, LANE_PAYOUT);
	assert_string_equal(payment.reference, "");
	command_payment(&command, &account, now, 0.01, &arena, &payment);
	assert_int_equal(instant_ms(payment.valid_until), NOW_MS + DAY_MS / 100);
	command.valid_until_ms = NOW_MS + 5000;
	command_payment(&command, &account, now, 0.01, &arena, &payment);
	assert_int_equal(instant_ms(payment.valid_until), NOW_MS + 5000);
	command = question();
	command_payment(&command, &account, now, 1, &arena, &payment);
	assert_string_equal(payment.party, "");
	assert_int_equal(amount_cents(payment.amount), 0);
	assert_int_equal(payment.lane, LANE_QUERY);
	arena_done(&arena);
}

static void test_a_bad_command_becomes_a_failed_payment_that_is_never_due(void **state)
{
	struct command command = push();
	struct command_limits all = limits();
	struct payment_state row;
	struct command_fault fault;
	struct payment payment;
	struct cause cause;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	command.amount_cents = 1050;
	assert_false(command_check(&command, &all, &fault));
	command_rejection(&command, &fault, all.now, &arena, &payment, &row, &cause);
	memset(fault.text, 'x', sizeof(fault.text)); /* the cause outlives the fault */
	assert_true(payment.rejected);
	assert_int_equal(amount_cents(payment.amount), 1050);
	assert_int_equal(row.state, STATE_FAILED);
	assert_int_equal(row.result_ver, 1);
	assert_int_equal(row.attempt, 0);
	assert_false(instant_is_set(row.due_at));
	assert_int_equal(instant_ms(row.decided_at), NOW_MS);
	assert_memory_equal(&row.id, &command.id, sizeof(row.id));
	assert_string_equal(row.cause_code, "command.amount.fraction");
	assert_string_equal(cause.class, "command");
	assert_string_equal(cause.code, "command.amount.fraction");
	assert_string_equal(cause.field, "amount_cents");
	assert_memory_equal(cause.text, "amount_cents 1050", 17);
	assert_true(cause.advice[0] != '\0');
	assert_false(cause.retryable);
	arena_done(&arena);
}

static void test_a_refused_command_cannot_bring_what_a_table_would_choke_on(void **state)
{
	struct command command = empty();
	struct command_fault fault = {.code = "command.tenant.format", .field = "tenant", .text = "x y"};
	struct payment_state row;
	struct payment payment;
	struct cause cause;
	struct arena arena;

	(void)state;
	arena_init(&arena);
	command.tenant = LONG_100;
	command.account = LONG_100;
	put(&command, "account_reference", LONG_100);
	command.amount_cents = INT64_MIN;
	command.priority = 99;
	command.valid_until_ms = INT64_MAX;
	put(&command, "phone", "not a phone");
	command_rejection(&command, &fault, instant_of_ms(NOW_MS), &arena, &payment, &row, &cause);
	assert_string_equal(payment.tenant, "");
	assert_string_equal(payment.account, "");
	assert_string_equal(payment.reference, "");
	assert_string_equal(payment.party, "");
	assert_int_equal(amount_cents(payment.amount), 0);
	assert_int_equal(payment.priority, PRIORITY_NORMAL);
	assert_int_equal(payment.api, API_NONE);
	assert_int_equal(instant_ms(payment.valid_until), NOW_MS);
	assert_int_equal(payment.command.len, 0);
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_every_command_needs),
		cmocka_unit_test(test_money_is_refused_and_never_rounded),
		cmocka_unit_test(test_a_push_needs_what_daraja_needs),
		cmocka_unit_test(test_a_payout_needs_what_daraja_needs),
		cmocka_unit_test(test_a_question_names_one_thing),
		cmocka_unit_test(test_an_id_that_could_be_paid_twice_is_refused),
		cmocka_unit_test(test_an_id_must_be_there_and_canonical),
		cmocka_unit_test(test_metadata_are_bounded),
		cmocka_unit_test(test_the_account_must_be_there_serve_the_tenant_and_be_able),
		cmocka_unit_test(test_what_this_release_does_not_carry_is_refused),
		cmocka_unit_test(test_the_first_fault_is_told_in_order_of_the_fields),
		cmocka_unit_test(test_a_good_command_becomes_its_payment),
		cmocka_unit_test(test_valid_until_is_the_senders_or_the_apis_scaled),
		cmocka_unit_test(test_a_bad_command_becomes_a_failed_payment_that_is_never_due),
		cmocka_unit_test(test_a_refused_command_cannot_bring_what_a_table_would_choke_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
