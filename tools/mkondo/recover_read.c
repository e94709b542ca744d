#include "mkondo/recover.h"

#include "io/clock.h"
#include "io/kafka_consumer.h"
#include "wire/hint_wire.h"

#include <stdio.h>
#include <string.h>

enum { STALL_MS = 30000, PATIENCE_MS = 30000, POLL_MS = 100, BATCH = 500, NOTES_MOST = 1000000000 };

static void add(struct recovery *recovery, const struct send_record *send)
{
	if (recovery->count == recovery->cap) {
		size_t cap = recovery->cap > 0 ? 2 * recovery->cap : 1024;
		struct send_record *more = ARENA_ARRAY(&recovery->tool->arena, struct send_record, cap);

		if (recovery->count > 0)
			memcpy(more, recovery->sends, recovery->count * sizeof(*more));
		recovery->sends = more;
		recovery->cap = cap;
	}
	recovery->sends[recovery->count++] = *send;
}

/* One that cannot be read is told about and passed over: it must not keep all payments frozen, and the send journals know the same. */
static void add_note(struct recovery *recovery, const struct kafka_message *message, struct instant since,
	struct arena *tmp)
{
	struct attempt_note note;
	struct err err;

	if (!attempt_note_unpack(message->value, tmp, &note, &err)) {
		fprintf(stderr,
			"mkondo: attempts.v1, partition %d, offset %lld cannot be read (%s): what it told of "
			"is known "
			"from the send journals only\n",
			message->partition, (long long)message->offset, err.text);
		return;
	}
	if (!instant_before(note.at, since))
		add(recovery, &(struct send_record){.kind = JOURNAL_SEND,
				      .id = note.id,
				      .attempt = note.attempt,
				      .gen = note.gen,
				      .at = note.at,
				      .fence_at = note.fence_at});
}

/* To the end that the topic had when the reading began, or not at all. */
static bool read_notes(struct recovery *recovery, struct instant since, struct arena *tmp, struct err *err)
{
	const struct kafka_tail tail = {
		.since_ms = instant_ms(since), .most = NOTES_MOST, .patience_ms = PATIENCE_MS};
	struct tool *tool = recovery->tool;
	struct kafka_consumer *reader = NULL;
	struct mono last = clock_mono();
	int64_t left = 0;

	if (!kafka_reader_tail(&reader, &tool->kafka, kafka_topic(&tool->kafka, "attempts.v1", &tool->arena),
		    &tail, err))
		return false;
	bool good = kafka_reader_left(reader, &left, err);
	while (good && left > 0) {
		struct kafka_batch batch;

		good = kafka_consumer_next(reader, BATCH, POLL_MS, tmp, &batch, err);
		if (!good)
			break;
		if (batch.count > 0)
			last = clock_mono();
		else if (mono_ms_between(last, clock_mono()) > STALL_MS)
			good = err_set(err, ERR_RETRY, 0,
				"attempts.v1 was not read to its end: %lld are left", (long long)left);
		for (size_t i = 0; i < batch.count; i++)
			add_note(recovery, &batch.messages[i], since, tmp);
		kafka_batch_free(&batch);
		arena_reset(tmp);
		good = good && kafka_reader_left(reader, &left, err);
	}
	kafka_consumer_free(&reader);
	return good;
}

bool recovery_read(struct recovery *recovery, struct err *err)
{
	const struct instant since = instant_add_ms(clock_wall(), -(int64_t)SEND_MEMORY_MS);
	struct send_record *sends;
	struct arena tmp;
	size_t count;

	for (size_t dir = 0; dir < recovery->dir_count; dir++) {
		if (!send_journal_read(
			    recovery->dirs[dir], since, &recovery->tool->arena, &sends, &count, err))
			return false;
		for (size_t i = 0; i < count; i++)
			add(recovery, &sends[i]);
	}
	arena_init(&tmp);
	bool good = read_notes(recovery, since, &tmp, err);
	arena_done(&tmp);
	recovery->count = send_memory_fold(recovery->sends, recovery->count);
	return good;
}
