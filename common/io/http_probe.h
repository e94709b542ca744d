#ifndef IO_HTTP_PROBE_H
#define IO_HTTP_PROBE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "base/time.h"

/* One request that a person waits for, and all that can be said about the way to the other side. Blocks, 10 s at most. For tools. */
enum http_probe_how {
	PROBE_ANSWERED,
	PROBE_NO_NAME, /* the host's name has no address */
	PROBE_NO_CONNECTION,
	PROBE_NO_TLS, /* the certificate does not convince, or TLS is not spoken there */
	PROBE_NO_ANSWER,
};

struct http_probe {
	enum http_probe_how how;
	int status; /* 0 unless answered */
	struct text body; /* at most 64 KiB, in the arena */
	const char *trouble; /* libcurl's words; "" */
	struct instant date; /* what its Date header says, to the second; 0: none */
	struct instant certificate_ends; /* 0: not TLS, or not known */
};

/* method: "GET" or "POST", with an empty body. user_password: "name:password" for Basic; NULL: none. */
void http_probe(const char *method, const char *url, const char *user_password, struct arena *arena,
	struct http_probe *ret);

#endif
