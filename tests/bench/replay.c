/*
 * The ceiling of what writes to PostgreSQL: rows that a service has written are written once more, by nothing but libpq. Same rows,
 * same columns, binary arrays, as many transactions as the service made, all of one transaction in one pipeline.
 *
 *	bench_replay CONNINFO BATCHES PLAN
 *
 * PLAN is a file of lines: one "reset<TAB>SQL", and "arrays<TAB>fetch SQL<TAB>run SQL" or "rows<TAB>fetch SQL<TAB>run SQL". The rows of
 * every fetch are read into memory, the reset brings the tables to where they were, "ready" is printed and a line on stdin waited
 * for. Then the loop: a batch is the same share of each fetch; "arrays" hands the run one array per column, "rows" runs once per
 * row. Prints one JSON object.
 */
#include "base/attr.h"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { STATEMENTS_MOST = 16, COLUMNS_MOST = 64, SQL_MOST = 16384 };

struct statement {
	char name[16], *run;
	bool by_row;
	PGresult *rows;
};

struct bytes {
	char *at;
	size_t len, cap;
};

struct replay {
	PGconn *link;
	struct statement statements[STATEMENTS_MOST];
	size_t count, batches;
	char *reset;
	struct bytes columns[COLUMNS_MOST];
};

NORETURN static void give_up(const struct replay *replay, const char *what)
{
	fprintf(stderr, "bench_replay: %s: %s\n", what, PQerrorMessage(replay->link));
	exit(1);
}

static void check(const struct replay *replay, PGresult *result, const char *what)
{
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_PIPELINE_SYNC) {
		fprintf(stderr, "%s\n", PQresultErrorMessage(result));
		give_up(replay, what);
	}
}

static void read_plan(struct replay *replay, const char *path)
{
	char line[SQL_MOST], *rest, *kind, *fetch, *run;
	FILE *plan = fopen(path, "re");

	must(plan != NULL);
	while (fgets(line, sizeof(line), plan) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		rest = line;
		kind = strsep(&rest, "\t");
		if (strcmp(kind, "reset") == 0) {
			replay->reset = strdup(rest);
			continue;
		}
		fetch = strsep(&rest, "\t");
		run = strsep(&rest, "\t");
		must(fetch != NULL && run != NULL && replay->count < STATEMENTS_MOST);

		struct statement *statement = &replay->statements[replay->count];
		snprintf(statement->name, sizeof(statement->name), "s%zu", replay->count++);
		statement->by_row = strcmp(kind, "rows") == 0;
		statement->run = strdup(run);
		statement->rows = PQexecParams(replay->link, fetch, 0, NULL, NULL, NULL, NULL, 1);
		check(replay, statement->rows, fetch);
		must(PQnfields(statement->rows) <= COLUMNS_MOST);
	}
	fclose(plan);
	must(replay->reset != NULL && replay->count > 0);
}

static void put(struct bytes *bytes, const void *at, size_t len)
{
	if (bytes->cap - bytes->len < len) {
		bytes->cap = (bytes->cap + len) * 2;
		bytes->at = realloc(bytes->at, bytes->cap);
		must(bytes->at != NULL);
	}
	memcpy(bytes->at + bytes->len, at, len);
	bytes->len += len;
}

static void put_int(struct bytes *bytes, uint32_t value)
{
	value = htonl(value);
	put(bytes, &value, sizeof(value));
}

/* PostgreSQL's binary array of one dimension, of rows [from, to). */
static void make_array(struct bytes *bytes, const PGresult *rows, int column, int from, int to)
{
	bytes->len = 0;
	put_int(bytes, 1);
	put_int(bytes, 1); /* there may be nulls */
	put_int(bytes, PQftype(rows, column));
	put_int(bytes, (uint32_t)(to - from));
	put_int(bytes, 1);
	for (int row = from; row < to; row++) {
		if (PQgetisnull(rows, row, column)) {
			put_int(bytes, UINT32_MAX);
			continue;
		}
		put_int(bytes, (uint32_t)PQgetlength(rows, row, column));
		put(bytes, PQgetvalue(rows, row, column), (size_t)PQgetlength(rows, row, column));
	}
}

/* How many results will come back. */
static size_t send_statement(struct replay *replay, struct statement *statement, size_t batch)
{
	int all = PQntuples(statement->rows), columns = PQnfields(statement->rows);
	int from = (int)((size_t)all * batch / replay->batches);
	int to = (int)((size_t)all * (batch + 1) / replay->batches);
	const char *values[COLUMNS_MOST];
	int lengths[COLUMNS_MOST], formats[COLUMNS_MOST];
	size_t sent = 0;

	for (int row = from; row < to; row = statement->by_row ? row + 1 : to) {
		for (int column = 0; column < columns; column++) {
			formats[column] = 1;
			if (statement->by_row) {
				values[column] = PQgetisnull(statement->rows, row, column)
							 ? NULL
							 : PQgetvalue(statement->rows, row, column);
				lengths[column] = PQgetlength(statement->rows, row, column);
				continue;
			}
			make_array(&replay->columns[column], statement->rows, column, from, to);
			values[column] = replay->columns[column].at;
			lengths[column] = (int)replay->columns[column].len;
		}
		if (!PQsendQueryPrepared(replay->link, statement->name, columns, values, lengths, formats, 1))
			give_up(replay, statement->run);
		sent++;
	}
	return sent;
}

static void run_batch(struct replay *replay, size_t batch)
{
	size_t open = 2;

	must(PQsendQueryParams(replay->link, "begin", 0, NULL, NULL, NULL, NULL, 1));
	for (size_t i = 0; i < replay->count; i++)
		open += send_statement(replay, &replay->statements[i], batch);
	must(PQsendQueryParams(replay->link, "commit", 0, NULL, NULL, NULL, NULL, 1));
	if (!PQpipelineSync(replay->link))
		give_up(replay, "the pipeline");
	for (open++; open > 0; open--) {
		PGresult *result = PQgetResult(replay->link);
		bool end = PQresultStatus(result) == PGRES_PIPELINE_SYNC;

		check(replay, result, "a batch");
		PQclear(result);
		if (!end)
			must(PQgetResult(replay->link) == NULL);
	}
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double own_cpu_s(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* As the services' sessions are set. */
static const char session[] =
	"set plan_cache_mode = force_generic_plan; set jit = off; set enable_hashjoin = off; "
	"set enable_mergejoin = off; set enable_seqscan = off; set enable_bitmapscan = off";

int main(int argc, char **argv)
{
	struct replay replay = {0};
	char line[16];

	must(argc == 4);
	replay.link = PQconnectdb(argv[1]);
	replay.batches = strtoul(argv[2], NULL, 10);
	must(replay.batches > 0);
	read_plan(&replay, argv[3]);
	check(&replay, PQexec(replay.link, replay.reset), "the reset");
	check(&replay, PQexec(replay.link, session), "the session");
	for (size_t i = 0; i < replay.count; i++)
		check(&replay,
			PQprepare(replay.link, replay.statements[i].name, replay.statements[i].run, 0, NULL),
			replay.statements[i].run);
	must(PQenterPipelineMode(replay.link));
	printf("ready %d\n", PQbackendPID(replay.link));
	fflush(stdout);
	must(fgets(line, sizeof(line), stdin) != NULL);

	double begin = now_s(), cpu = own_cpu_s();
	for (size_t batch = 0; batch < replay.batches; batch++)
		run_batch(&replay, batch);
	printf("{\"seconds\":%.4f,\"cpu_s\":%.4f,\"batches\":%zu}\n", now_s() - begin, own_cpu_s() - cpu,
		replay.batches);
	fflush(stdout);
	/* The server's process is looked at before it ends. */
	must(fgets(line, sizeof(line), stdin) != NULL);
	PQfinish(replay.link);
	return 0;
}
