#ifndef DARAJASIM_FAULTS_H
#define DARAJASIM_FAULTS_H

#include "darajasim/plan.h"
#include "darajasim/product.h"

/* The gateway's ways of saying no: which status, which body. */
struct fault {
	int http;
	const char *content_type; /* NULL: none */
};

/* By the names that a scenario may use instead of http, code and message; NULL: there is none. */
const struct plan_error *faults_error_find(const char *name);
/* The names, for documentation and tests; NULL behind the last. */
const char *faults_error_name(unsigned at);

/* {"requestId","errorCode","errorMessage"}; for codes of the gateway's own policies its fault object. */
struct fault faults_error(const struct plan_error *error, const char *request_id, struct buf *body);
/* A token that is unknown, dead or old: each product has its own words, and some repeat the token. */
struct fault faults_token(enum product product, const char *token, const char *request_id, struct buf *body);
/* The answers of a plan that need nothing but the plan. False for all others. */
bool faults_answer(const struct plan *plan, enum product product, const char *token, const char *request_id,
	struct buf *body, struct fault *ret);

#endif
