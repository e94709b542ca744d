#include "mkondo/mkondo.h"

#include "io/clock.h"
#include "mkondo/result_check.h"
#include "wire/result_wire.h"

#include <stdio.h>

/* results.v1 as it is now, from its start, held against its contract: what is wrong with which record, and a summary. */
enum { POLL_MS = 100, BATCH = 500, PATIENCE_MS = 15000 };

struct checking {
	struct result_check *check;
	size_t records, violations, late;
};

static void tell(const struct kafka_message *message, const struct result_seen *seen,
	const struct result_verdict *verdict)
{
	char id[UUID_TEXT];

	for (unsigned bit = RESULT_REGRESSED; bit <= RESULT_LATE_ACCEPTED; bit <<= 1)
		if ((verdict->faults & bit) != 0)
			printf("%s  partition %d offset %lld  %s  v%u %s after v%u %s: %s\n",
				(bit & RESULT_FAULTS) != 0 ? "VIOLATION" : "note     ", message->partition,
				(long long)message->offset, uuid_text(&seen->id, id), seen->version,
				outcome_name(seen->outcome), verdict->highest, outcome_name(verdict->outcome),
				result_fault_text((enum result_fault)bit));
}

static void check_one(struct checking *checking, const struct kafka_message *message, struct arena *tmp)
{
	struct result result;
	struct err err;

	checking->records++;
	if (!result_unpack(message->value, tmp, &result, &err)) {
		printf("VIOLATION  partition %d offset %lld  not readable as a result: %s\n",
			message->partition, (long long)message->offset, err.text);
		checking->violations++;
		return;
	}

	const struct result_seen seen = {.id = result.id,
		.version = result.version,
		.outcome = result.outcome,
		.value = message->value,
		.event_id = kafka_message_header(message, "ce_id"),
		.encoding = kafka_message_header(message, "content-type"),
		.meaning = result_json(message->value, tmp)};
	const struct result_verdict verdict = result_check_add(checking->check, &seen);

	tell(message, &seen, &verdict);
	for (unsigned bit = 1; bit <= RESULT_FAULTS; bit <<= 1)
		checking->violations += (verdict.faults & RESULT_FAULTS & bit) != 0;
	checking->late += (verdict.faults & RESULT_LATE_ACCEPTED) != 0;
}

/* Up to where the topic ended when the reader was made. A topic that stops giving before that was not checked. */
static bool check_all(struct checking *checking, struct kafka_consumer *reader,
	const volatile sig_atomic_t *interrupted, struct arena *tmp, struct err *err)
{
	struct mono last = clock_mono();
	int64_t left;

	while (kafka_reader_left(reader, &left, err)) {
		struct kafka_batch batch;

		if (left == 0)
			return true;
		if (*interrupted || mono_ms_between(last, clock_mono()) > PATIENCE_MS)
			return err_set(err, ERR_RETRY, 0, "%lld records were not read", (long long)left);
		arena_reset(tmp);
		if (!kafka_consumer_next(reader, BATCH, POLL_MS, tmp, &batch, err))
			return false;
		for (size_t i = 0; i < batch.count; i++)
			check_one(checking, &batch.messages[i], tmp);
		if (batch.count > 0)
			last = clock_mono();
		kafka_batch_free(&batch);
	}
	return false;
}

int tool_check_results(struct kafka_consumer *reader, const volatile sig_atomic_t *interrupted)
{
	struct checking checking = {.check = result_check_new()};
	struct arena tmp;
	struct err err = {0};

	arena_init(&tmp);
	bool good = check_all(&checking, reader, interrupted, &tmp, &err);
	printf("%zu records of %zu payments: %zu violations, %zu late ACCEPTED%s\n", checking.records,
		result_check_payments(checking.check), checking.violations, checking.late,
		good ? "" : "; NOT ALL WAS READ");
	arena_done(&tmp);
	result_check_free(&checking.check);
	if (!good && checking.violations == 0)
		return tool_failed(&err);
	if (!good)
		tool_failed(&err);
	return checking.violations > 0 ? 1 : 0;
}
