#include "mkondo/recover.h"

#include "io/clock.h"
#include "io/kafka_consumer.h"
#include "wire/hint_wire.h"

#include <stdio.h>
#include <string.h>

enum { QUIET_MS = 3000, POLL_MS = 100, BATCH = 500 };

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

static bool add_note(struct recovery *recovery, const struct kafka_message *message, struct instant since,
	struct arena *tmp, struct err *err)
{
	struct attempt_note note;

	if (!attempt_note_unpack(message->value, tmp, &note, err))
		return err_while(err, "attempts.v1");
	if (!instant_before(note.at, since))
		add(recovery, &(struct send_record){.kind = JOURNAL_SEND,
				      .id = note.id,
				      .attempt = note.attempt,
				      .gen = note.gen,
				      .at = note.at,
				      .fence_at = note.fence_at});
	return true;
}

static bool read_notes(struct recovery *recovery, struct instant since, struct arena *tmp, struct err *err)
{
	struct tool *tool = recovery->tool;
	struct kafka_consumer *consumer = NULL;
	struct mono last = clock_mono();

	if (!kafka_reader_new(&consumer, &tool->kafka, kafka_topic(&tool->kafka, "attempts.v1", &tool->arena),
		    true, err))
		return false;
	bool good = true;
	while (good && mono_ms_between(last, clock_mono()) < QUIET_MS) {
		struct kafka_batch batch;

		good = kafka_consumer_next(consumer, BATCH, POLL_MS, tmp, &batch, err);
		if (!good)
			break;
		if (batch.count > 0)
			last = clock_mono();
		for (size_t i = 0; i < batch.count && good; i++)
			good = add_note(recovery, &batch.messages[i], since, tmp, err);
		kafka_batch_free(&batch);
		arena_reset(tmp);
	}
	kafka_consumer_free(&consumer);
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
