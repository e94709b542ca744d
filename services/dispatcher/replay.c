#include "dispatcher/worker.h"

#include "base/log.h"

#include <string.h>

/*
 * Answers that a former life of this process received and PostgreSQL could not take: read from the send journal at the start and
 * settled like any other. The row's attempt decides whether they still mean anything.
 */
static struct text next_word(struct text *rest, char end)
{
	const char *stop = memchr(rest->at, end, rest->len);
	struct text word = {rest->at, stop != NULL ? (size_t)(stop - rest->at) : rest->len};

	rest->at += word.len + (stop != NULL);
	rest->len -= word.len + (stop != NULL);
	return word;
}

static struct call *revive(struct worker *worker, const struct send_record *record)
{
	struct text rest = record->body;
	int64_t transport, http;

	if (rest.len == 0 || !text_to_int64(next_word(&rest, ' '), &transport) ||
		!text_to_int64(next_word(&rest, ' '), &http) || transport < TRANSPORT_NOT_SENT ||
		transport > TRANSPORT_ANSWERED)
		return NULL;
	const struct api_row *row = api_find(next_word(&rest, '\n'));
	if (row == NULL)
		return NULL;

	struct call *call = call_new(CALL_PAYMENT);
	call->id = record->id;
	call->api = row->api;
	call->lane = row->lane;
	call->attempt = record->attempt;
	call->gen = record->gen;
	/* Anybody's: what it tells counts for its payment only. */
	worker_call_account(worker, call, account_book_each(worker->accounts, 0));
	call->journaled = call->replayed = true;
	call_answered(call, (enum transport)transport, (int)http, rest, "replayed from the send journal", 0);
	return call;
}

struct call *worker_replay(struct worker *worker)
{
	struct call *first = NULL, **last = &first;
	struct send_record *records;
	struct err err;
	size_t count;

	if (!send_journal_unapplied(worker->journal, &worker->tmp, &records, &count, &err)) {
		LOG(ALARM, "send_journal.unreadable", LOG_ERR(&err));
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		struct call *call = revive(worker, &records[i]);

		if (call == NULL) {
			LOG(ALARM, "answer.not_replayed", LOG_PAYMENT(&records[i].id));
			continue;
		}
		atomic_fetch_add(&worker->in_flight, 1);
		*last = call;
		last = &call->next;
	}
	if (count > 0)
		LOG(INFO, "answers.replayed", LOG_NUM("answers", count));
	return first;
}
