#include "mkondo/mkondo.h"

#include "io/clock.h"
#include "io/kafka_consumer.h"
#include "wire/result_wire.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* results.v1 from its start: a line each, or JSON. Without --follow it ends when nothing came for two seconds. */
static const char usage[] =
	"results [--follow] [--json] [--id ID] [--count N] [--for SECONDS], or results --check";
enum { QUIET_MS = 2000, POLL_MS = 100, BATCH = 500 };

struct reading {
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

/* Balances may be below 0. */
static const char *cents_text(int64_t cents, char out[AMOUNT_TEXT + 1])
{
	out[0] = '-';
	amount_text(amount_of_cents(cents < 0 ? -cents : cents), out + 1);
	return cents < 0 ? out : out + 1;
}

/* What an inquiry was told, and what M-PESA charged. */
static void print_details(const struct details *details)
{
	char a[AMOUNT_TEXT + 1], b[AMOUNT_TEXT + 1], c[AMOUNT_TEXT + 1], d[AMOUNT_TEXT + 1];

	if (details->code[0] != '\0')
		printf("      answered %s: %s\n", details->code, details->text);
	for (size_t i = 0; i < details->balance_count; i++) {
		const struct balance *balance = &details->balances[i];

		printf("      %-32s %s %14s  available %14s  reserved %12s  uncleared %12s\n",
			balance->account, balance->currency, cents_text(balance->current, a),
			cents_text(balance->available, b), cents_text(balance->reserved, c),
			cents_text(balance->uncleared, d));
	}
	for (size_t i = 0; i < details->charge_count; i++)
		printf("      charge: %s %s %s\n", details->charges[i].name, details->charges[i].currency,
			cents_text(details->charges[i].fee_cents, a));
	for (size_t i = 0; i < details->item_count; i++)
		printf("      %s: %s\n", details->items[i].name, details->items[i].value);
	if (details->png.len > 0)
		printf("      a picture of %zu bytes (--json has it)\n", details->png.len);
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
		print_details(&result.details);
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
			printed += print_one(reading, &batch.messages[i], &tmp);
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

int tool_results(struct tool *tool)
{
	struct reading reading = {0};
	struct kafka_consumer *consumer = NULL;
	const char *value;
	struct err err;

	for (int i = 0; i < tool->argc;) {
		if (tool_flag(tool, &i, "--follow"))
			reading.follow = true;
		else if (tool_flag(tool, &i, "--json"))
			reading.json = true;
		else if (tool_flag(tool, &i, "--check"))
			reading.check = true;
		else if (tool_option(tool, &i, "--id", &reading.id))
			continue;
		else if (tool_option(tool, &i, "--count", &value))
			reading.count = strtol(value, NULL, 10);
		else if (tool_option(tool, &i, "--for", &value))
			reading.seconds = strtol(value, NULL, 10);
		else
			return tool_usage(usage);
	}
	if (reading.check && tool->argc > 1)
		return tool_usage(usage);
	if (!tool_read_kafka(tool))
		return 78;
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	if (!kafka_reader_new(&consumer, &tool->kafka, kafka_topic(&tool->kafka, "results.v1", &tool->arena),
		    true, &err))
		return tool_failed(&err);
	int code = reading.check ? tool_check_results(consumer, &interrupted)
				 : read_all(tool, &reading, consumer);
	kafka_consumer_free(&consumer);
	return code;
}
