#include "fixture.h"

#include "wire/daraja_answer.h"

#include "memory.h"

enum { RUN_LEAST = 9, MUTATIONS = 20000 };

static struct text logged(const char *body)
{
	return daraja_logged(text_of(body), &arena);
}

static void check_logged(const char *body, const char *want)
{
	struct text is = logged(body);

	CHECK(text_is(is, want), "%s\nis\n%.*s\nnot\n%s", body, TEXT_ARG(is), want);
}

static void test_what_is_on_the_list_is_shown_and_of_the_rest_the_size(void **state)
{
	(void)state;
	check_logged("{\"BusinessShortCode\":\"600000\",\"Password\":\"c2VjcmV0\",\"Amount\":10,"
		     "\"CallBackURL\":\"https://pay.example/n/mac\",\"TransactionDesc\":\"Goods\"}",
		"{\"BusinessShortCode\":\"600000\",\"Password\":\"<8 bytes>\",\"Amount\":10,"
		"\"CallBackURL\":\"<25 bytes>\",\"TransactionDesc\":\"<5 bytes>\"}");
	check_logged(
		"{\"Initiator\":\"api\",\"SecurityCredential\":\"abc\",\"Nobody has thought of it\":12345}",
		"{\"Initiator\":\"<3 bytes>\",\"SecurityCredential\":\"<3 bytes>\",\"Nobody has thought of "
		"it\":\"<number>\"}");
	check_logged("{\"errorCode\":\"404.001.03\",\"errorMessage\":\"Invalid Access Token - AbCd1234\"}",
		"{\"errorCode\":\"404.001.03\",\"errorMessage\":\"Invalid Access Token - ***\"}");
	check_logged("{\"Result\":{\"ResultCode\":0,\"Flag\":true,\"None\":null}}",
		"{\"Result\":{\"ResultCode\":0,\"Flag\":true,\"None\":null}}");
}

static void test_phones_are_masked_wherever_they_stand(void **state)
{
	(void)state;
	check_logged("{\"PartyA\":\"254700000001\",\"PartyB\":254700000001,\"ResultDesc\":\"sent to "
		     "0700000001.\"}",
		"{\"PartyA\":\"2547\u2022\u2022\u2022\u2022\u2022001\",\"PartyB\":"
		"\"2547\u2022\u2022\u2022\u2022\u2022001\","
		"\"ResultDesc\":\"sent to 0700\u2022\u2022\u2022001.\"}");
	check_logged("{\"CheckoutRequestID\":\"ws_CO_1912254700000001\"}",
		"{\"CheckoutRequestID\":\"ws_CO_"
		"1912\u2022\u2022\u2022\u2022\u2022\u2022\u2022\u2022\u2022001\"}");
	check_logged("{\"Amount\":12345678}", "{\"Amount\":12345678}");
}

static void test_items_go_by_the_name_that_they_tell(void **state)
{
	(void)state;
	check_logged("{\"Item\":[{\"Name\":\"Amount\",\"Value\":10},{\"Name\":\"PhoneNumber\",\"Value\":"
		     "254700000001},"
		     "{\"Key\":\"ReceiverPartyPublicName\",\"Value\":\"254700000001 - "
		     "Asha\"},{\"Name\":\"Asha\"}]}",
		"{\"Item\":[{\"Name\":\"Amount\",\"Value\":10},{\"Name\":\"PhoneNumber\",\"Value\":\"<number>"
		"\"},"
		"{\"Key\":\"ReceiverPartyPublicName\",\"Value\":\"<19 bytes>\"},{\"Name\":\"<4 bytes>\"}]}");
}

static void test_what_is_no_json_object_is_only_counted(void **state)
{
	(void)state;
	check_logged("", "");
	check_logged("254700000001", "<12 bytes that are no JSON object>");
	check_logged("{\"PartyA\":\"254700000001\"", "<24 bytes that are no JSON object>");
	check_logged("{\"Amount\":1,\"Amount\":2}", "<23 bytes that are no JSON object>");
}

static void check_without_phones(const char *what, struct text bytes)
{
	size_t run = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		run = bytes.at[i] >= '0' && bytes.at[i] <= '9' ? run + 1 : 0;
		CHECK(run < RUN_LEAST, "%s: %.*s", what, TEXT_ARG(bytes));
	}
}

/* All bodies that Daraja is known to send, and what chance makes of them. */
static void test_no_fixture_shows_a_phone_or_a_name(void **state)
{
	const char *names[FIXTURES_MOST];
	size_t count = fixture_names(names, &arena);
	uint64_t seed = 5;

	(void)state;
	assert_true(count > 100);
	for (size_t i = 0; i < count; i++) {
		struct text body = fixture_read(names[i], &arena), is = daraja_logged(body, &arena);

		check_without_phones(names[i], is);
		CHECK(!text_has_nocase(is, "asha") && !text_has_nocase(is, "john"), "%s: %.*s", names[i],
			TEXT_ARG(is));
	}
	for (unsigned i = 0; i < MUTATIONS; i++) {
		struct text body = fixture_read(names[i % count], &arena);
		const size_t cap = body.len + 64;
		char *bytes = arena_alloc(&arena, cap + 1);

		memcpy(bytes, body.at, body.len);
		check_without_phones(names[i % count],
			daraja_logged(
				(struct text){bytes, fixture_mutate(bytes, body.len, cap, &seed)}, &arena));
		if (i % 100 == 0) {
			arena_reset(&arena);
			count = fixture_names(names, &arena);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_on_the_list_is_shown_and_of_the_rest_the_size),
		cmocka_unit_test(test_phones_are_masked_wherever_they_stand),
		cmocka_unit_test(test_items_go_by_the_name_that_they_tell),
		cmocka_unit_test(test_what_is_no_json_object_is_only_counted),
		cmocka_unit_test(test_no_fixture_shows_a_phone_or_a_name),
	};

	return cmocka_run_group_tests(tests, start_memory, stop_memory);
}
