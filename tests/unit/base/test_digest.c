#include "check.h"
#include "base/digest.h"
#include "base/hex.h"

static void check_digest(const char *what, struct digest digest, const char *want)
{
	char hex[2 * DIGEST_SIZE + 1];

	CHECK(strcmp(hex_build(digest.b, DIGEST_SIZE, hex), want) == 0, "%s: %s", what, hex);
}

static void test_sha256_has_the_values_of_fips_180(void **state)
{
	static const char empty[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

	(void)state;
	check_digest("empty", sha256(TEXT("")), empty);
	check_digest("none", sha256(text_of(NULL)), empty);
	check_digest("abc", sha256(TEXT("abc")),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_hmac_has_the_values_of_rfc_4231(void **state)
{
	char key[131], first[20];

	(void)state;
	memset(key, 0xaa, sizeof(key));
	memset(first, 0x0b, sizeof(first));
	check_digest("case 1", hmac_sha256((struct text){first, sizeof(first)}, TEXT("Hi There")),
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	check_digest("case 2", hmac_sha256(TEXT("Jefe"), TEXT("what do ya want for nothing?")),
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	check_digest("case 6",
		hmac_sha256((struct text){key, sizeof(key)},
			TEXT("Test Using Larger Than Block-Size Key - Hash Key First")),
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	check_digest("no key, no text", hmac_sha256(text_of(NULL), text_of(NULL)),
		"b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void test_sameness_looks_at_every_byte(void **state)
{
	struct digest a = sha256(TEXT("a")), b = a;

	(void)state;
	assert_true(digest_same(a.b, b.b, DIGEST_SIZE));
	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		b = a;
		b.b[i] ^= 1;
		CHECK(!digest_same(a.b, b.b, DIGEST_SIZE), "byte %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256_has_the_values_of_fips_180),
		cmocka_unit_test(test_hmac_has_the_values_of_rfc_4231),
		cmocka_unit_test(test_sameness_looks_at_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
