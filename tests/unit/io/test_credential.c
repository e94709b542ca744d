#include "certificate.h"

#include "base/base64.h"
#include "io/credential.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>

static struct arena arena;
static EVP_PKEY *key;
static X509 *x509;

static int begin(void **state)
{
	(void)state;
	arena_init(&arena);
	key = EVP_RSA_gen(2048);
	assert_non_null(key);
	x509 = certificate_make(key);
	return 0;
}

static int end(void **state)
{
	(void)state;
	X509_free(x509);
	EVP_PKEY_free(key);
	arena_done(&arena);
	return 0;
}

/* What the owner of the private key reads out of it. */
static struct text decrypted(const char *credential)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
	unsigned char block[512], *plain = arena_alloc(&arena, 512);
	size_t len, size = 512;

	assert_true(base64_parse(text_of(credential), block, sizeof(block), &len));
	assert_int_equal(len, 256);
	assert_int_equal(EVP_PKEY_decrypt_init(context), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING), 1);
	assert_int_equal(EVP_PKEY_decrypt(context, plain, &size, block, len), 1);
	EVP_PKEY_CTX_free(context);
	return (struct text){(const char *)plain, size};
}

static void test_the_key_holder_reads_the_password(void **state)
{
	struct text forms[3];
	const char *credential;
	struct err err = {0};

	(void)state;
	forms[0] = certificate_pem(x509, &arena);
	forms[1] = certificate_der(x509, &arena);
	forms[2] = text_of(arena_print(&arena, "Bag Attributes\r\n%.*s", TEXT_ARG(forms[0])));
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		CHECK(credential_build(forms[i], TEXT("Pass#1&%$"), &arena, &credential, &err), "%zu: %s", i,
			err.text);
		CHECK(strlen(credential) == 344, "%zu: %zu", i, strlen(credential));
		CHECK(text_is(decrypted(credential), "Pass#1&%$"), "%zu", i);
	}
}

static void test_the_password_goes_in_as_it_is(void **state)
{
	struct text pem = certificate_pem(x509, &arena);
	const char *credential;
	struct err err;

	(void)state;
	assert_true(credential_build(pem, TEXT(" with spaces "), &arena, &credential, &err));
	assert_true(text_is(decrypted(credential), " with spaces "));
}

static void test_what_cannot_make_a_credential_is_refused(void **state)
{
	EVP_PKEY *curve = EVP_EC_gen("P-256");
	X509 *of_curve = certificate_make(curve);
	char *long_password = arena_alloc(&arena, 300);
	const struct {
		const char *what;
		struct text certificate, password;
	} cases[] = {
		{"no certificate", TEXT(""), TEXT("p")},
		{"no certificate inside",
			TEXT("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), TEXT("p")},
		{"half a certificate", {certificate_der(x509, &arena).at, 100}, TEXT("p")},
		{"text", TEXT("this is not a certificate"), TEXT("p")},
		{"no password", certificate_pem(x509, &arena), TEXT("")},
		{"a password that does not fit", certificate_pem(x509, &arena), {long_password, 246}},
		{"a key that cannot encrypt", certificate_pem(of_curve, &arena), TEXT("p")},
	};

	(void)state;
	memset(long_password, 'p', 299);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *credential = "untouched";
		struct err err = {0};

		CHECK(!credential_build(cases[i].certificate, cases[i].password, &arena, &credential, &err),
			"%s", cases[i].what);
		CHECK(err.class == ERR_BROKEN && strcmp(credential, "untouched") == 0, "%s", cases[i].what);
	}
	X509_free(of_curve);
	EVP_PKEY_free(curve);
}

static void test_a_certificate_tells_whose_it_is(void **state)
{
	struct certificate_facts facts;
	struct err err = {0};
	BIO *bio = BIO_new(BIO_s_mem());

	(void)state;
	X509_NAME_add_entry_by_txt(
		X509_get_subject_name(x509), "CN", MBSTRING_ASC, (const unsigned char *)"daraja", -1, -1, 0);
	assert_int_equal(PEM_write_bio_X509(bio, x509), 1);
	CHECK(credential_certificate(bio_text(bio, &arena), &arena, &facts, &err), "%s", err.text);
	assert_string_equal(facts.subject, "CN = daraja");
	assert_int_equal(facts.bits, 2048);
	assert_true(facts.until.us > 0);
	assert_false(credential_certificate(TEXT("none"), &arena, &facts, &err));
	assert_non_null(strstr(err.text, "neither PEM nor DER"));
	BIO_free(bio);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_key_holder_reads_the_password),
		cmocka_unit_test(test_the_password_goes_in_as_it_is),
		cmocka_unit_test(test_what_cannot_make_a_credential_is_refused),
		cmocka_unit_test(test_a_certificate_tells_whose_it_is),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
