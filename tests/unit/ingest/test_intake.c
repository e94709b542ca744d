#include "ingest/intake.h"

#include "check.h"

#define ID "019ac100-0000-7000-8000-0000000000%02d"

static const struct account account = {.name = "default",
	.api_base = "http://127.0.0.1",
	.app = "default",
	.consumer_key = "k",
	.consumer_secret = "s",
	.shortcode = "174379",
	.passkey = "p",
	.initiator = "testapi",
	.security_credential = "c"};

static const struct account *find(const void *book, struct text name)
{
	(void)book;
	return name.len == 0 || text_is(name, "default") ? &account : NULL;
}

static const struct intake_rules rules = {.now = {1764200000000000}, .time_scale = 1, .account = find};

static struct intake_item read_json(struct arena *arena, const char *json)
{
	struct intake_item item;

	intake_read(text_of(json), TEXT("application/json"), "", &rules, arena, &item);
	return item;
}

static const char *stk(struct arena *arena, int id, int amount)
{
	return arena_print(arena,
		"{\"id\":\"" ID
		"\",\"tenant\":\"shop\",\"amount_cents\":%d,\"stk_push\":{\"phone\":\"254700000149\","
		"\"account_reference\":\"A1\",\"description\":\"Goods\"}}",
		id, amount);
}

static void test_each_record_has_one_fate(void **state)
{
	struct arena arena;
	const struct {
		const char *what, *json;
		enum intake_fate want;
		const char *field;
	} rows[] = {
		{"good", "", INTAKE_PAYMENT, NULL},
		{"no id", "{\"tenant\":\"shop\",\"amount_cents\":1000}", INTAKE_UNREADABLE, "id"},
		{"not JSON", "{\"id\":", INTAKE_UNREADABLE, NULL},
		{"unknown field",
			"{\"id\":\"019ac100-0000-7000-8000-000000000077\",\"tenant\":\"shop\",\"amount_"
			"cents\":1000,\"colour\":\"red\"}",
			INTAKE_REJECTION, "colour"},
		{"no operation",
			"{\"id\":\"019ac100-0000-7000-8000-000000000078\",\"tenant\":\"shop\",\"amount_"
			"cents\":1000}",
			INTAKE_REJECTION, NULL},
	};

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct intake_item item =
			read_json(&arena, rows[i].json[0] != '\0' ? rows[i].json : stk(&arena, 1, 1000));

		CHECK(item.fate == rows[i].want, "%s: fate %d, %s", rows[i].what, item.fate, item.fault.text);
		CHECK(item.fate == INTAKE_PAYMENT || item.fault.code != NULL, "%s: no fault told",
			rows[i].what);
		CHECK(rows[i].field == NULL || strcmp(item.fault.field, rows[i].field) == 0, "%s: field %s",
			rows[i].what, item.fault.field);
		if (item.fate == INTAKE_REJECTION) {
			CHECK(item.payment.rejected && item.state.state == STATE_FAILED &&
					item.state.result_ver == 1,
				"%s", rows[i].what);
			CHECK(!instant_is_set(item.state.due_at), "%s: a rejected payment rests",
				rows[i].what);
		}
	}
	arena_done(&arena);
}

static void test_the_first_of_an_id_makes_the_row_and_the_rest_repeat_it(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena);
	struct intake_item items[] = {
		read_json(&arena, stk(&arena, 5, 1000)),
		read_json(&arena, "{"),
		read_json(&arena, stk(&arena, 3, 1000)),
		read_json(&arena, stk(&arena, 5, 2000)),
		read_json(&arena, "{"),
		read_json(&arena, stk(&arena, 5, 1000)),
	};
	const size_t want[] = {0, 1, 2, 0, 4, 0};

	intake_fold(items, COUNT_OF(items), &arena);
	for (size_t i = 0; i < COUNT_OF(items); i++)
		CHECK(items[i].first == want[i], "item %zu: %zu", i, items[i].first);
	arena_done(&arena);
}

static void test_the_same_content_is_the_same_whatever_it_travels_with(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena);
	struct intake_item stored = read_json(&arena, stk(&arena, 1, 1000));
	const struct {
		const char *what, *json;
		bool want;
	} rows[] = {
		{"itself", stk(&arena, 1, 1000), true},
		{"another amount", stk(&arena, 1, 2000), false},
		{"other metadata and priority",
			"{\"id\":\"019ac100-0000-7000-8000-000000000001\",\"priority\":\"BULK\",\"metadata\":"
			"{\"a\":\"b\"},\"tenant\":\"shop\","
			"\"amount_cents\":\"1000\",\"account\":\"default\",\"currency\":\"KES\",\"stkPush\":{"
			"\"phone\":\"254700000149\","
			"\"accountReference\":\"A1\",\"description\":\"Goods\"}}",
			true},
		{"another tenant",
			"{\"id\":\"019ac100-0000-7000-8000-000000000001\",\"tenant\":\"shop2\",\"amount_"
			"cents\":1000,"
			"\"stk_push\":{\"phone\":\"254700000149\",\"account_reference\":\"A1\","
			"\"description\":\"Goods\"}}",
			false},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct intake_item again = read_json(&arena, rows[i].json);

		CHECK(intake_is_same(&again, &stored.payment, &arena) == rows[i].want, "%s", rows[i].what);
	}
	/* Hashes of an older release differ, the content does not: the stored bytes are read again. */
	stored.payment.fingerprint.b[0] ^= 1;
	struct intake_item again = read_json(&arena, rows[0].json), other = read_json(&arena, rows[1].json);
	assert_true(intake_is_same(&again, &stored.payment, &arena));
	assert_false(intake_is_same(&other, &stored.payment, &arena));
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_record_has_one_fate),
		cmocka_unit_test(test_the_first_of_an_id_makes_the_row_and_the_rest_repeat_it),
		cmocka_unit_test(test_the_same_content_is_the_same_whatever_it_travels_with),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
