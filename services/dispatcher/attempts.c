#include "dispatcher/worker.h"

#include "base/log.h"
#include "io/clock.h"
#include "io/kafka_consumer.h"
#include "io/send_memory.h"
#include "wire/hint_wire.h"

enum {
	BATCH = 1000,
	POLL_MS = 100,
	PATIENCE_MS = 3000, /* for the broker's first answers: the store thread waits meanwhile */
	STALL_MS = 5000, /* without a record, while there are some */
	MARGIN_MS = 60000, /* clocks that differ, notes that were on their way */
	NOTES_LEAST = 8000,
	NOTES_MOST = 1000000
};

/* One that cannot be read is told and left out: it must not stop all dispatching for good. */
static bool read_note(
	const struct kafka_message *message, struct instant since, struct arena *tmp, struct send_record *ret)
{
	struct attempt_note note;
	struct err err;

	if (!attempt_note_unpack(message->value, tmp, &note, &err)) {
		LOG(WARN, "attempt.unreadable", LOG_NUM("partition", message->partition),
			LOG_NUM("offset", message->offset), LOG_ERR(&err));
		return false;
	}
	*ret = (struct send_record){.kind = JOURNAL_SEND,
		.id = note.id,
		.attempt = note.attempt,
		.gen = note.gen,
		.at = note.at,
		.fence_at = note.fence_at};
	return !instant_before(note.at, since);
}

struct reading {
	struct worker *worker;
	struct kafka_consumer *reader;
	struct instant since;
	struct finding *finding;
	struct arena tmp;
	size_t records;
};

/* The next batch of notes. *ret_got: how many records. False: *ret_kafka_away, or else the database is. */
static bool compare_batch(struct reading *reading, size_t *ret_got, bool *ret_kafka_away, struct err *err)
{
	struct kafka_batch batch;
	size_t count = 0;

	arena_reset(&reading->tmp);
	*ret_kafka_away = !kafka_consumer_next(reading->reader, BATCH, POLL_MS, &reading->tmp, &batch, err);
	if (*ret_kafka_away)
		return false;
	*ret_got = batch.count;
	reading->records += batch.count;

	struct send_record *sends = ARENA_ARRAY(&reading->tmp, struct send_record, batch.count + 1);
	for (size_t i = 0; i < batch.count; i++)
		count += read_note(&batch.messages[i], reading->since, &reading->tmp, &sends[count]);
	kafka_batch_free(&batch);
	return worker_find_forgotten(reading->worker, sends, count, reading->finding, err);
}

/* False: *ret_kafka_away, or else the database is. */
static bool compare_all(struct reading *reading, bool *ret_kafka_away, struct err *err)
{
	struct mono last = clock_mono();
	int64_t left;

	for (;;) {
		size_t got = 0;

		*ret_kafka_away = true;
		if (!kafka_reader_left(reading->reader, &left, err))
			return false;
		if (left == 0)
			return true;
		if (atomic_load(&reading->worker->stopping) || mono_ms_between(last, clock_mono()) > STALL_MS)
			return err_set(err, ERR_RETRY, 0,
				"attempts.v1 was not read to its end: %lld are left", (long long)left);
		if (!compare_batch(reading, &got, ret_kafka_away, err))
			return false;
		if (got > 0)
			last = clock_mono();
	}
}

static struct kafka_tail tail_of(const struct memory *memory, struct instant since)
{
	const struct instant from = instant_is_set(memory->tail_read)
					    ? instant_add_ms(memory->tail_read, -(int64_t)MARGIN_MS)
					    : since;

	return (struct kafka_tail){.since_ms = instant_ms(from),
		.least = NOTES_LEAST,
		.most = NOTES_MOST,
		.patience_ms = PATIENCE_MS};
}

bool worker_compare_attempts(struct worker *worker, struct finding *ret, bool *ret_read, struct err *err)
{
	const struct mono begun = clock_mono();
	struct reading reading = {.worker = worker,
		.since = instant_add_ms(clock_wall(), -(int64_t)SEND_MEMORY_MS),
		.finding = ret};
	const struct kafka_tail tail = tail_of(&worker->memory, reading.since);
	bool kafka_away = true;

	*ret_read = false;
	if (atomic_load(&worker->stopping))
		return true;
	arena_init(&reading.tmp);
	bool good = kafka_reader_tail(&reading.reader, worker->kafka,
			    kafka_topic(worker->kafka, "attempts.v1", &worker->tmp), &tail, err) &&
		    compare_all(&reading, &kafka_away, err);
	kafka_consumer_free(&reading.reader);
	arena_done(&reading.tmp);
	*ret_read = good || ret->count > 0; /* what is forgotten counts, however far it was read */
	if (good)
		LOG(INFO, "attempts.compared", LOG_NUM("records", reading.records),
			LOG_NUM("ms", mono_ms_between(begun, clock_mono())));
	else if (kafka_away)
		LOG(WARN, "attempts.not_compared", LOG_ERR(err));
	return good || kafka_away;
}
