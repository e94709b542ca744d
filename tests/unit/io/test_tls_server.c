#include "io/certificates.h"

#include "io/tls_server.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

static struct tls_server *server;
static struct tls_server_conf conf;
static const struct mono start = {1000000};

/* A client in memory, and its link. */
struct pair {
	SSL *ssl;
	struct tls_link *link;
	char plain[TLS_PLAIN_MOST];
	size_t len;
	enum tls_word word;
};

static struct mono after_hours(int hours)
{
	return (struct mono){start.us + (int64_t)hours * 3600 * 1000000 + 1};
}

static int begin(void **state)
{
	struct err err = {0};

	(void)state;
	conf = (struct tls_server_conf){0};
	conf.pairs[0].certificate = strdup(certificate_write("curve.pem", "curve.key", EVP_EC_gen("P-256")));
	conf.pairs[0].key = strdup(certificate_path("curve.key"));
	conf.pairs[1].certificate = strdup(certificate_write("rsa.pem", "rsa.key", EVP_RSA_gen(2048)));
	conf.pairs[1].key = strdup(certificate_path("rsa.key"));
	CHECK(tls_server_new(&server, &conf, start, &err), "%s", err.text);
	return 0;
}

static int end(void **state)
{
	(void)state;
	tls_server_free(&server);
	for (unsigned i = 0; i < TLS_CERTIFICATES; i++) {
		free((char *)conf.pairs[i].certificate);
		free((char *)conf.pairs[i].key);
	}
	certificates_remove();
	return 0;
}

static void to_client(struct pair *pair)
{
	struct text out = tls_link_out(pair->link);

	if (out.len > 0)
		assert_int_equal(BIO_write(SSL_get_rbio(pair->ssl), out.at, (int)out.len), out.len);
}

/* What the client has to say; cut into pieces of so many bytes. */
static void to_server(struct pair *pair, size_t piece)
{
	char bytes[TLS_CAME_MOST];
	int got;

	while ((got = BIO_read(SSL_get_wbio(pair->ssl), bytes, (int)piece)) > 0) {
		size_t len;
		char plain[TLS_PLAIN_MOST];

		pair->word = tls_link_feed(pair->link, (struct text){bytes, (size_t)got}, plain, &len);
		assert_true(pair->len + len < sizeof(pair->plain));
		memcpy(pair->plain + pair->len, plain, len);
		pair->len += len;
		to_client(pair);
	}
}

static bool shake_hands(struct pair *pair, SSL_CTX *context, SSL_SESSION *session, size_t piece)
{
	pair->ssl = SSL_new(context);
	pair->link = tls_link_new(server);
	pair->len = 0;
	SSL_set_bio(pair->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	if (session != NULL)
		SSL_set_session(pair->ssl, session);
	for (int i = 0; i < 10 && !(tls_link_is_up(pair->link) && SSL_is_init_finished(pair->ssl)); i++) {
		SSL_connect(pair->ssl);
		ERR_clear_error();
		to_server(pair, piece);
	}
	return tls_link_is_up(pair->link) && SSL_is_init_finished(pair->ssl);
}

static void part(struct pair *pair)
{
	SSL_free(pair->ssl);
	tls_link_free(&pair->link);
}

static SSL_CTX *client(int version)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	SSL_CTX_set_security_level(context, 0);
	SSL_CTX_set_min_proto_version(context, version);
	SSL_CTX_set_max_proto_version(context, version);
	return context;
}

static void say_and_hear(struct pair *pair, size_t piece)
{
	char heard[64];

	assert_int_equal(SSL_write(pair->ssl, "hello", 5), 5);
	to_server(pair, piece);
	assert_int_equal(pair->len, 5);
	assert_memory_equal(pair->plain, "hello", 5);
	assert_true(tls_link_write(pair->link, TEXT("and you")));
	to_client(pair);
	assert_int_equal(SSL_read(pair->ssl, heard, sizeof(heard)), 7);
	assert_memory_equal(heard, "and you", 7);
}

static struct pair pair;

static void test_both_versions_are_spoken_however_the_bytes_are_cut(void **state)
{
	const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	const size_t pieces[] = {TLS_CAME_MOST, 1, 7, 100};

	(void)state;
	for (size_t v = 0; v < COUNT_OF(versions); v++) {
		SSL_CTX *context = client(versions[v]);

		for (size_t i = 0; i < COUNT_OF(pieces); i++) {
			CHECK(shake_hands(&pair, context, NULL, pieces[i]), "%x in pieces of %zu",
				versions[v], pieces[i]);
			say_and_hear(&pair, pieces[i]);
			SSL_shutdown(pair.ssl);
			to_server(&pair, pieces[i]);
			assert_int_equal(pair.word, TLS_ENDED);
			part(&pair);
		}
		SSL_CTX_free(context);
	}
}

static void test_a_large_body_comes_whole(void **state)
{
	static char body[60000];
	SSL_CTX *context = client(TLS1_3_VERSION);

	(void)state;
	memset(body, 'b', sizeof(body));
	assert_true(shake_hands(&pair, context, NULL, TLS_CAME_MOST));
	assert_int_equal(SSL_write(pair.ssl, body, sizeof(body)), sizeof(body));
	to_server(&pair, TLS_CAME_MOST);
	assert_int_equal(pair.len, sizeof(body));
	part(&pair);
	SSL_CTX_free(context);
}

static void test_old_versions_are_refused(void **state)
{
	SSL_CTX *context = client(TLS1_1_VERSION);

	(void)state;
	assert_false(shake_hands(&pair, context, NULL, TLS_CAME_MOST));
	assert_int_equal(pair.word, TLS_BROKEN);
	assert_false(tls_link_write(pair.link, TEXT("anything")));
	part(&pair);
	SSL_CTX_free(context);
}

static void test_what_is_not_tls_is_broken_at_once(void **state)
{
	char plain[TLS_PLAIN_MOST];
	size_t len;

	(void)state;
	pair.link = tls_link_new(server);
	assert_int_equal(
		tls_link_feed(pair.link, TEXT("POST /n/1/2/3 HTTP/1.1\r\n"), plain, &len), TLS_BROKEN);
	assert_int_equal(len, 0);
	assert_int_equal(tls_link_feed(pair.link, TEXT("\x16\x03\x01"), plain, &len), TLS_BROKEN);
	tls_link_free(&pair.link);
}

static int key_type(const char *algorithms)
{
	SSL_CTX *context = client(TLS1_2_VERSION);
	X509 *certificate;
	int type;

	SSL_CTX_set1_sigalgs_list(context, algorithms);
	assert_true(shake_hands(&pair, context, NULL, TLS_CAME_MOST));
	certificate = SSL_get1_peer_certificate(pair.ssl);
	type = EVP_PKEY_get_base_id(X509_get0_pubkey(certificate));
	X509_free(certificate);
	part(&pair);
	SSL_CTX_free(context);
	return type;
}

static void test_the_client_gets_the_certificate_that_it_can_check(void **state)
{
	(void)state;
	assert_int_equal(key_type("ECDSA+SHA256:RSA-PSS+SHA256:RSA+SHA256"), EVP_PKEY_EC);
	assert_int_equal(key_type("RSA-PSS+SHA256:RSA+SHA256"), EVP_PKEY_RSA);
}

static SSL_SESSION *session_of(SSL_CTX *context)
{
	SSL_SESSION *session;
	char byte;

	assert_true(shake_hands(&pair, context, NULL, TLS_CAME_MOST));
	SSL_read(pair.ssl, &byte, 1); /* the ticket comes behind the handshake */
	session = SSL_get1_session(pair.ssl);
	SSL_shutdown(pair.ssl); /* else OpenSSL takes the session for a bad one */
	part(&pair);
	return session;
}

static bool is_resumed(SSL_CTX *context, SSL_SESSION *session)
{
	bool resumed;

	assert_true(shake_hands(&pair, context, session, TLS_CAME_MOST));
	resumed = SSL_session_reused(pair.ssl);
	SSL_shutdown(pair.ssl);
	part(&pair);
	return resumed;
}

static void test_a_ticket_is_good_until_its_key_has_been_turned_twice(void **state)
{
	const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	struct err err;
	int hours = 0;

	(void)state;
	for (size_t v = 0; v < COUNT_OF(versions); v++) {
		SSL_CTX *context = client(versions[v]);
		SSL_SESSION *session = session_of(context);

		assert_true(is_resumed(context, session));
		assert_int_equal(tls_server_refresh(server, after_hours(hours + 11), &err), TLS_SAME);
		assert_true(is_resumed(context, session));
		tls_server_refresh(server, after_hours(hours + 12), &err);
		assert_true(is_resumed(context, session));
		tls_server_refresh(server, after_hours(hours + 25), &err);
		assert_false(is_resumed(context, session));
		hours += 25;
		SSL_SESSION_free(session);
		SSL_CTX_free(context);
	}
}

static long served(void)
{
	SSL_CTX *context = client(TLS1_3_VERSION);
	X509 *certificate;
	long serial;

	assert_true(shake_hands(&pair, context, NULL, TLS_CAME_MOST));
	certificate = SSL_get1_peer_certificate(pair.ssl);
	serial = ASN1_INTEGER_get(X509_get0_serialNumber(certificate));
	X509_free(certificate);
	part(&pair);
	SSL_CTX_free(context);
	return serial;
}

static void test_new_certificates_are_taken_and_bad_ones_are_not(void **state)
{
	SSL_CTX *context = client(TLS1_3_VERSION);
	struct instant ends = tls_server_ends(server);
	struct err err = {0};
	static struct pair old;
	long first = served();
	FILE *file;

	(void)state;
	assert_true(shake_hands(&old, context, NULL, TLS_CAME_MOST));
	assert_int_equal(tls_server_refresh(server, start, &err), TLS_SAME);
	certificate_write("curve.pem", "curve.key", EVP_EC_gen("P-256"));
	assert_int_equal(tls_server_refresh(server, start, &err), TLS_NEW);
	assert_int_equal(served(), first + 2);
	assert_true(tls_server_ends(server).us >= ends.us);
	say_and_hear(&old, 10);
	part(&old);
	file = certificate_file("curve.pem");
	fputs("-----BEGIN CERTIFICATE-----\nnot finished", file);
	fclose(file);
	assert_int_equal(tls_server_refresh(server, start, &err), TLS_BAD);
	assert_non_null(strstr(err.text, "curve.pem: is no PEM certificate"));
	assert_int_equal(tls_server_refresh(server, start, &err), TLS_SAME);
	assert_int_equal(served(), first + 2);
	/* Half of a change, as when one file is renamed after the other: a certificate and another's key. */
	certificate_write("curve.pem", "other.key", EVP_EC_gen("P-256"));
	assert_int_equal(tls_server_refresh(server, start, &err), TLS_BAD);
	assert_int_equal(served(), first + 2);
	assert_int_equal(rename(certificate_path("other.key"), certificate_path("curve.key")), 0);
	assert_int_equal(tls_server_refresh(server, start, &err), TLS_NEW);
	assert_int_equal(served(), first + 3);
	/* Gone for a moment is no change. */
	assert_int_equal(unlink(certificate_path("curve.pem")), 0);
	assert_int_equal(tls_server_refresh(server, start, &err), TLS_SAME);
	assert_int_equal(served(), first + 3);
	SSL_CTX_free(context);
}

static void test_what_cannot_be_used_is_named_at_start(void **state)
{
	struct tls_server_conf bad = conf;
	struct tls_server *none = NULL;
	struct err err;

	(void)state;
	bad.pairs[0].certificate = "/nowhere/curve.pem";
	assert_false(tls_server_new(&none, &bad, start, &err));
	assert_non_null(strstr(err.text, "/nowhere/curve.pem: "));
	bad = conf;
	bad.pairs[0].key = conf.pairs[1].key;
	assert_false(tls_server_new(&none, &bad, start, &err));
	assert_non_null(strstr(err.text, "rsa.key: is "));
	bad = conf;
	bad.client_ca = conf.pairs[0].key;
	assert_false(tls_server_new(&none, &bad, start, &err));
	assert_non_null(strstr(err.text, "curve.key: has no PEM certificates"));
	assert_null(none);
}

static void test_one_protocol_is_offered(void **state)
{
	SSL_CTX *context = client(TLS1_3_VERSION);
	const unsigned char *chosen;
	unsigned len;

	(void)state;
	SSL_CTX_set_alpn_protos(context, (const unsigned char *)"\x02h2\x08http/1.1", 12);
	assert_true(shake_hands(&pair, context, NULL, TLS_CAME_MOST));
	SSL_get0_alpn_selected(pair.ssl, &chosen, &len);
	assert_int_equal(len, 8);
	assert_memory_equal(chosen, "http/1.1", 8);
	part(&pair);
	SSL_CTX_set_alpn_protos(context, (const unsigned char *)"\x02h2", 3);
	assert_false(shake_hands(&pair, context, NULL, TLS_CAME_MOST));
	part(&pair);
	SSL_CTX_free(context);
}

static bool is_let_in(const char *certificate, const char *key)
{
	SSL_CTX *context = client(TLS1_2_VERSION);
	bool in;

	if (certificate != NULL) {
		assert_int_equal(SSL_CTX_use_certificate_file(context, certificate, SSL_FILETYPE_PEM), 1);
		assert_int_equal(SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM), 1);
	}
	in = shake_hands(&pair, context, NULL, TLS_CAME_MOST);
	part(&pair);
	SSL_CTX_free(context);
	return in;
}

static void test_clients_show_a_certificate_when_one_is_asked_for(void **state)
{
	char known[128], stranger[128];
	struct err err = {0};

	(void)state;
	snprintf(known, sizeof(known), "%s",
		certificate_write("client.pem", "client.key", EVP_EC_gen("P-256")));
	snprintf(stranger, sizeof(stranger), "%s",
		certificate_write("stranger.pem", "stranger.key", EVP_EC_gen("P-256")));
	tls_server_free(&server);
	conf.client_ca = known;
	CHECK(tls_server_new(&server, &conf, start, &err), "%s", err.text);
	assert_true(is_let_in(known, certificate_path("client.key")));
	assert_false(is_let_in(stranger, certificate_path("stranger.key")));
	assert_false(is_let_in(NULL, NULL));
}

#define TLS_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TLS_TEST(test_both_versions_are_spoken_however_the_bytes_are_cut),
		TLS_TEST(test_a_large_body_comes_whole),
		TLS_TEST(test_old_versions_are_refused),
		TLS_TEST(test_what_is_not_tls_is_broken_at_once),
		TLS_TEST(test_the_client_gets_the_certificate_that_it_can_check),
		TLS_TEST(test_a_ticket_is_good_until_its_key_has_been_turned_twice),
		TLS_TEST(test_new_certificates_are_taken_and_bad_ones_are_not),
		TLS_TEST(test_what_cannot_be_used_is_named_at_start),
		TLS_TEST(test_one_protocol_is_offered),
		TLS_TEST(test_clients_show_a_certificate_when_one_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
