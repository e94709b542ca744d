#include "io/http_connection.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/*
 * How much one address may have: connections at once, and with TLS new ones in a second, since a handshake costs us more than whoever asks
 * for it. An address is remembered for a while after its last connection, lest it begin anew with a full burst.
 */
enum { BURST_S = 4 };

static bool peer_text(const uv_tcp_t *tcp, char out[64])
{
	struct sockaddr_storage peer;
	int len = sizeof(peer);

	if (uv_tcp_getpeername(tcp, (struct sockaddr *)&peer, &len) != 0)
		return false;
	if (peer.ss_family == AF_INET)
		return inet_ntop(AF_INET, &((struct sockaddr_in *)&peer)->sin_addr, out, 64) != NULL;
	const struct in6_addr *six = &((struct sockaddr_in6 *)&peer)->sin6_addr;
	/* An IPv4 client of a listener for both. */
	if (IN6_IS_ADDR_V4MAPPED(six))
		return inet_ntop(AF_INET, &six->s6_addr[12], out, 64) != NULL;
	return inet_ntop(AF_INET6, six, out, 64) != NULL;
}

static bool may_shake_hands(struct http_server *server, struct http_address *address)
{
	double most = (double)server->conf.handshakes_per_s * BURST_S;
	uint64_t now = uv_now(server->loop);

	address->handshakes += (double)(now - address->at) / 1000 * server->conf.handshakes_per_s;
	if (address->handshakes > most)
		address->handshakes = most;
	address->at = now;
	if (address->handshakes < 1 &&
		(server->hooks.trusts == NULL || !server->hooks.trusts(server->hooks.self, address->text))) {
		server->counts.handshakes_refused++;
		return false;
	}
	if (address->handshakes >= 1)
		address->handshakes -= 1;
	return true;
}

bool http_address_join(struct http_connection *connection)
{
	struct http_server *server = connection->server;
	struct http_address *address;
	char text[64] = "";

	if (!peer_text(&connection->tcp, text))
		return false;
	HASH_FIND_STR(server->addresses, text, address);
	if (address == NULL) {
		address = calloc(1, sizeof(*address));
		must(address != NULL);
		memcpy(address->text, text, sizeof(text));
		address->handshakes = (double)server->conf.handshakes_per_s * BURST_S;
		address->at = uv_now(server->loop);
		HASH_ADD_STR(server->addresses, text, address);
	}
	address->count++;
	connection->address = address;
	if (address->count > server->conf.per_address_most) {
		server->counts.crowded++;
		return false;
	}
	return server->conf.tls == NULL || may_shake_hands(server, address);
}

static void forget(struct http_server *server, struct http_address *address)
{
	HASH_DEL(server->addresses, address);
	free(address);
}

void http_address_leave(struct http_connection *connection)
{
	struct http_server *server = connection->server;

	if (connection->address != NULL && --connection->address->count == 0 && server->conf.tls == NULL)
		forget(server, connection->address);
}

void http_address_sweep(struct http_server *server, uint64_t now)
{
	struct http_address *address, *next;

	HASH_ITER (hh, server->addresses, address, next)
		if (address->count == 0 && now - address->at >= BURST_S * 1000)
			forget(server, address);
}

void http_address_forget(struct http_server *server)
{
	struct http_address *address, *next;

	HASH_ITER (hh, server->addresses, address, next)
		forget(server, address);
}
