#include "io/dead_letter.h"

#include "io/evidence_store.h"

bool dead_letter_keep(struct store *store, struct publisher *publisher, const struct kafka_message *message,
	const char *reason, const char *detail, struct err *err)
{
	const struct dead_letter letter = {.reason = reason,
		.detail = detail,
		.topic = message->topic,
		.partition = message->partition,
		.offset = message->offset,
		.key = message->key,
		.value = message->value};
	struct instant now;

	if (store_begin(store, &now, err) && dead_letter_store_add(store, &letter, 1, err) &&
		store_commit(store, err))
		return publisher_dead_letter(publisher, message, reason, detail, err);
	store_rollback(store);
	return false;
}
