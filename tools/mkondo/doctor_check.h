#ifndef MKONDO_DOCTOR_CHECK_H
#define MKONDO_DOCTOR_CHECK_H

#include "base/arena.h"
#include "base/time.h"
#include "core/account.h"

/* What a merchant gets wrong before going live: facts in, findings out. Pure. No finding holds a secret. */
enum health { HEALTH_OK, HEALTH_WARNING, HEALTH_WRONG, HEALTH_NOT_CHECKED };
const char *health_name(enum health health);

struct finding {
	enum health health;
	const char *what; /* "account default" */
	const char *text; /* what was found */
	const char *advice; /* what to do; "" when it is well */
};

struct findings {
	struct arena *arena; /* holds all of it */
	struct finding *at;
	size_t count, room;
};
void findings_add(struct findings *findings, enum health health, const char *what, const char *text,
	const char *advice);
size_t findings_count(const struct findings *findings, enum health health);

/* The public values of the sandbox with production, an own host with production, what it can be used for. */
void doctor_account(struct findings *findings, const struct account *account);
/* Accounts of both environments in one book. */
void doctor_environments(struct findings *findings, bool sandbox, bool production);

/* How a request ended that went to somebody's host. */
struct reached {
	bool answered;
	int status;
	const char *trouble; /* "the host's name has no address: ..." */
};
/* The token endpoint's word about an app. life_ms: of the token; 0: the answer held none. code, message: of a refusal. */
void doctor_token(struct findings *findings, const char *app, const struct reached *reached, int64_t life_ms,
	const char *code, const char *message);
/* Our clock against the other side's; 0: it told no time. */
void doctor_clock(struct findings *findings, const char *whose, struct instant theirs, struct instant ours);

/* MPESA_CALLBACK_BASE_URL and MKONDO_CALLBACK_PREFIX, as Daraja will see them. */
void doctor_callback_base(struct findings *findings, const char *base, const char *prefix, bool production);
/* What a path with a wrong signature was answered, which is 404 by the webhook. */
void doctor_callback_reached(struct findings *findings, const struct reached *reached, bool production);
void doctor_certificate_end(struct findings *findings, struct instant end, struct instant now);
/* The certificate for SecurityCredential. */
void doctor_initiator_certificate(
	struct findings *findings, const char *account, int bits, struct instant end, struct instant now);
/* mode: of a file that holds a secret. */
void doctor_secret_file(struct findings *findings, const char *path, unsigned mode);
/* MKONDO_CALLBACK_SOURCES; "" or NULL: the list that is built in. */
void doctor_sources(struct findings *findings, const char *sources, bool production);

#endif
