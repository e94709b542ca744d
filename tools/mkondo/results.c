#include "mkondo/details.h"
#include "mkondo/mkondo.h"

#include "io/clock.h"
#include "io/kafka_consumer.h"
#include "wire/receipt_wire.h"
#include "wire/result_wire.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* results.v1 or receipts.v1 from its start: a line each, or JSON. Without --follow it ends when nothing came for two seconds. */
static const char usage[] =
	"results [--follow] [--json] [--id ID] [--count N] [--for SECONDS], or results --check";
static const char receipts_usage[] = "receipts [--follow] [--json] [--count N] [--for SECONDS]";
enum { QUIET_MS = 2000, POLL_MS = 100, BATCH = 500 };

struct reading {
	bool receipts; /* and not results */
	bool follow, json, check;
	const char *id;
	long count, seconds;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
	(void)signal;
	interrupted = 1;
}

static void print_line(const struct result *result, int64_t took_ms)
{
	char id[UUID_TEXT], amount[AMOUNT_TEXT];

	printf("%s  v%u  %-13s %10s  %-12s %-10s  %-10s %6.2f s  %s%s%s\n", uuid_text(&result->id, id),
		result->version, result->operation, amount_text(result->amount, amount),
		result->party[0] != '\0' ? result->party : "-", outcome_name(result->outcome),
		result->receipt[0] != '\0' ? result->receipt : "-", (double)took_ms / 1000,
		result->cause.code, result->cause.code[0] != '\0' ? " " : "", result->cause.text);
}

/* What a customer typed must not steer the terminal that it is read on. */
static const char *harmless(const char *told, struct arena *tmp)
{
	char *copy = arena_print(tmp, "%s", told);

	for (char *at = copy; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
	return copy;
}

static bool print_receipt(
	const struct reading *reading, const struct kafka_message *message, struct arena *tmp)
{
	struct text json = receipt_json(message->value, tmp);
	char amount[AMOUNT_TEXT], time[INSTANT_TEXT];
	struct receipt receipt;
	struct err err;

	if (!receipt_unpack(message->value, tmp, &receipt, &err)) {
		fprintf(stderr, "mkondo: partition %d, offset %lld: %s\n", message->partition,
			(long long)message->offset, err.text);
		return false;
	}
	if (reading->json)
		printf("%.*s\n", TEXT_ARG(json));
	else
		printf("%-12s %-5s %10s  %-7s %-20s %-16s %s%s\n", receipt.notice.receipt,
			receipt.is_new ? "new" : "known", amount_text(receipt.notice.amount, amount),
			harmless(receipt.notice.shortcode, tmp), harmless(receipt.notice.bill_reference, tmp),
			receipt.account, instant_iso(receipt.received_at, time),
			receipt.source_listed ? "" : "  address not listed");
	fflush(stdout);
	return true;
}

static bool print_one(const struct reading *reading, const struct kafka_message *message, struct arena *tmp)
{
	struct result result;
	char id[UUID_TEXT];
	struct err err;

	if (!result_unpack(message->value, tmp, &result, &err)) {
		fprintf(stderr, "mkondo: partition %d, offset %lld: %s\n", message->partition,
			(long long)message->offset, err.text);
		return false;
	}
	if (reading->id != NULL && strcmp(reading->id, uuid_text(&result.id, id)) != 0)
		return false;
	if (reading->json) {
		struct text json = result_json(message->value, tmp);

		printf("%.*s\n", TEXT_ARG(json));
	} else {
		print_line(&result,
			result.version == 0 ? 0 : instant_ms_between(result.accepted_at, result.decided_at));
		details_print(&result.details, "      ");
	}
	fflush(stdout);
	return true;
}

static int read_all(struct tool *tool, const struct reading *reading, struct kafka_consumer *consumer)
{
	struct mono start = clock_mono(), last = start;
	long printed = 0;
	struct arena tmp;
	struct err err = {0};
	bool good = true;

	(void)tool;
	arena_init(&tmp);
	while (good && !interrupted) {
		struct kafka_batch batch;

		good = kafka_consumer_next(consumer, BATCH, POLL_MS, &tmp, &batch, &err);
		if (!good)
			break;
		if (batch.count > 0)
			last = clock_mono();
		for (size_t i = 0; i < batch.count && (reading->count == 0 || printed < reading->count); i++)
			printed += reading->receipts ? print_receipt(reading, &batch.messages[i], &tmp)
						     : print_one(reading, &batch.messages[i], &tmp);
		kafka_batch_free(&batch);
		arena_reset(&tmp);
		if ((reading->count > 0 && printed >= reading->count) ||
			(!reading->follow && mono_ms_between(last, clock_mono()) > QUIET_MS) ||
			(reading->seconds > 0 &&
				mono_ms_between(start, clock_mono()) > reading->seconds * 1000))
			break;
	}
	arena_done(&tmp);
	return good ? 0 : tool_failed(&err);
}

static int read_topic(struct tool *tool, struct reading reading)
{
	struct kafka_consumer *consumer = NULL;
	const char *topic = reading.receipts ? "receipts.v1" : "results.v1";
	const char *how = reading.receipts ? receipts_usage : usage;
	const char *value;
	struct err err;

	for (int i = 0; i < tool->argc;) {
		if (tool_flag(tool, &i, "--follow"))
			reading.follow = true;
		else if (tool_flag(tool, &i, "--json"))
			reading.json = true;
		else if (!reading.receipts && tool_flag(tool, &i, "--check"))
			reading.check = true;
		else if (!reading.receipts && tool_option(tool, &i, "--id", &reading.id))
			continue;
		else if (tool_option(tool, &i, "--count", &value))
			reading.count = strtol(value, NULL, 10);
		else if (tool_option(tool, &i, "--for", &value))
			reading.seconds = strtol(value, NULL, 10);
		else
			return tool_usage(how);
	}
	if (reading.check && tool->argc > 1)
		return tool_usage(how);
	if (!tool_read_kafka(tool))
		return 78;
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	if (!kafka_reader_new(
		    &consumer, &tool->kafka, kafka_topic(&tool->kafka, topic, &tool->arena), true, &err))
		return tool_failed(&err);
	int code = reading.check ? tool_check_results(consumer, &interrupted)
				 : read_all(tool, &reading, consumer);
	kafka_consumer_free(&consumer);
	return code;
}

int tool_results(struct tool *tool)
{
	return read_topic(tool, (struct reading){0});
}

int tool_receipts(struct tool *tool)
{
	return read_topic(tool, (struct reading){.receipts = true});
}
