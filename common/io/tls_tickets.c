#include "io/tls_tickets.h"

#include "io/random.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <string.h>

enum { HOUR_MS = 3600 * 1000 };

void tls_tickets_turn(struct tls_tickets *tickets, struct mono now)
{
	if (tickets->count > 0 && mono_ms_between(tickets->made_at, now) < (int64_t)TICKET_HOURS * HOUR_MS)
		return;
	memmove(&tickets->keys[1], &tickets->keys[0], (TICKET_KEYS - 1) * sizeof(tickets->keys[0]));
	random_bytes(&tickets->keys[0], sizeof(tickets->keys[0]));
	if (tickets->count < TICKET_KEYS)
		tickets->count++;
	tickets->made_at = now;
}

static bool use_mac(EVP_MAC_CTX *mac, struct tls_ticket_key *key)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->mac, sizeof(key->mac)),
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"sha256", 0),
		OSSL_PARAM_construct_end(),
	};

	return EVP_MAC_CTX_set_params(mac, params) == 1;
}

static int seal_ticket(struct tls_tickets *tickets, unsigned char name[16], unsigned char *iv,
	EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	struct tls_ticket_key *key = &tickets->keys[0];

	memcpy(name, key->name, sizeof(key->name));
	random_bytes(iv, 16);
	return EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv) == 1 && use_mac(mac, key)
		       ? 1
		       : -1;
}

/* 0: a ticket of no key of ours, so a whole handshake; 2: good, and to be renewed. */
static int open_ticket(struct tls_tickets *tickets, const unsigned char name[16], const unsigned char *iv,
	EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	for (unsigned i = 0; i < tickets->count; i++) {
		struct tls_ticket_key *key = &tickets->keys[i];

		if (memcmp(name, key->name, sizeof(key->name)) != 0)
			continue;
		if (EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv) != 1 ||
			!use_mac(mac, key))
			return -1;
		return i == 0 ? 1 : 2;
	}
	return 0;
}

static int on_ticket(SSL *ssl, unsigned char name[16], unsigned char *iv, EVP_CIPHER_CTX *cipher,
	EVP_MAC_CTX *mac, int sealing)
{
	struct tls_tickets *tickets = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	return sealing ? seal_ticket(tickets, name, iv, cipher, mac)
		       : open_ticket(tickets, name, iv, cipher, mac);
}

void tls_tickets_use(struct tls_tickets *tickets, SSL_CTX *context)
{
	SSL_CTX_set_app_data(context, tickets);
	SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
}

void tls_tickets_wipe(struct tls_tickets *tickets)
{
	OPENSSL_cleanse(tickets, sizeof(*tickets));
}
