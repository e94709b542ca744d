#ifndef TESTS_STORE_DATABASE_H
#define TESTS_STORE_DATABASE_H

/* A database of the test program's own, migrated, on the server that TEST_PG names; and stores on it. */
#include "../unit/check.h"

#include "base/arena.h"
#include "base/hex.h"
#include "io/payment_store.h"
#include "io/store.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <unistd.h>

static struct {
	const char *server; /* TEST_PG */
	char name[64], conninfo[1024], keys[96];
	struct arena arena;
} database;

#define MIGRATIONS SOURCE_DIR "/deploy/migrations"

static inline PGconn *sql_connect(const char *conninfo)
{
	PGconn *conn = PQconnectdb(conninfo);

	CHECK(PQstatus(conn) == CONNECTION_OK, "%s", PQerrorMessage(conn));
	return conn;
}

/* The first field of the first row, or "". */
static inline const char *sql(PGconn *conn, const char *text)
{
	PGresult *result = PQexec(conn, text);
	const char *value = "";

	CHECK(PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK,
		"%s: %s", text, PQerrorMessage(conn));
	if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) > 0)
		value = arena_string(&database.arena, text_of(PQgetvalue(result, 0, 0)));
	PQclear(result);
	return value;
}

static inline void database_write_keys(const char *text)
{
	FILE *file = fopen(database.keys, "w");

	CHECK(file != NULL, "%s", database.keys);
	fputs(text, file);
	fclose(file);
}

/* An empty database: no schema yet. */
static inline void database_make(const char *name)
{
	PGconn *server;

	database.server = getenv("TEST_PG");
	CHECK(database.server != NULL, "TEST_PG is not set: tools/postgres.sh start DIR prints it");
	arena_init(&database.arena);
	snprintf(database.name, sizeof(database.name), "test_%s_%d", name, (int)getpid());
	snprintf(
		database.conninfo, sizeof(database.conninfo), "%s dbname=%s", database.server, database.name);
	snprintf(database.keys, sizeof(database.keys), "/tmp/%s.keys", database.name);
	database_write_keys("1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n");
	server = sql_connect(database.server);
	sql(server, arena_print(&database.arena, "create database %s", database.name));
	PQfinish(server);
}

static inline void database_migrate(void)
{
	unsigned from, to;
	struct err err;

	CHECK(store_migrate(database.conninfo, MIGRATIONS, &from, &to, &err), "%s", err.text);
}

static inline struct store *database_store(void)
{
	const struct store_conf conf = {.conninfo = database.conninfo, .keys_file = database.keys};
	struct store *store = NULL;
	struct err err;

	CHECK(store_open(&store, &conf, "test", &err), "%s", err.text);
	return store;
}

static inline PGconn *database_sql(void)
{
	return sql_connect(database.conninfo);
}

static inline void database_drop(void)
{
	PGconn *server = sql_connect(database.server);

	sql(server, arena_print(&database.arena, "drop database if exists %s with (force)", database.name));
	PQfinish(server);
	unlink(database.keys);
	arena_done(&database.arena);
}

/* ---- payments to play with */

static inline struct uuid id_of(unsigned number)
{
	struct uuid id = {.b = {0x01, 0x8f, 0, 0, 0, 0, 0x70, 0, 0x80}};

	for (int i = 0; i < 4; i++)
		id.b[15 - i] = (uint8_t)(number >> (8 * i));
	return id;
}

/* Every field has a value of its own, so that columns that change places are found out. */
static inline void payment_full(unsigned number, struct payment *payment, struct payment_state *state)
{
	static const char command[] = "\x0a\x03"
				      "cmd\0\xff";

	*payment = (struct payment){.id = id_of(number),
		.tenant = "tenant",
		.account = "account",
		.api = API_B2C,
		.lane = LANE_PAYOUT,
		.priority = PRIORITY_BULK,
		.rejected = true,
		.amount = amount_of_cents(123400),
		.party = "254708374149",
		.reference = "reference \xe2\x9c\x93",
		.valid_until = {1700000000000001},
		.created_at = {1700000000000002},
		.command = {command, sizeof(command) - 1},
		.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"};
	memset(payment->fingerprint.b, 0xab, sizeof(payment->fingerprint.b));
	*state = (struct payment_state){.id = id_of(number),
		.state = STATE_PENDING,
		.attempt = 2,
		.gen = 3,
		.due_at = {1700000000000003},
		.fence_at = {1700000000000004},
		.horizon_at = {1700000000000005},
		.asked_at = {1700000000000006},
		.decided_at = {1700000000000007},
		.token_no = 5000000000,
		.query_no = 6,
		.asks = 7,
		.put_offs = 4,
		.heard = true,
		.heard_receipt = "HEARD1",
		.result_ver = 8,
		.ids = {"ws_CO_1", "29115-1", "AG_1", "originator"},
		.receipt = "RECEIPT1",
		.moved = amount_of_cents(99900),
		.cause_code = "stk.1032",
		.frozen = {"fro\0zen", 7}};
}

static inline void payment_plain(unsigned number, struct payment *payment, struct payment_state *state)
{
	*payment = (struct payment){.id = id_of(number),
		.tenant = "t",
		.account = "a",
		.api = API_STK_PUSH,
		.lane = LANE_INTERACTIVE,
		.amount = amount_of_cents(100),
		.party = "254708374149",
		.reference = "r",
		.traceparent = ""};
	*state = (struct payment_state){.id = id_of(number),
		.heard_receipt = "",
		.ids = {"", "", "", ""},
		.receipt = "",
		.cause_code = ""};
}

/* Commits plain ACCEPTED payments number first ... first + count - 1. */
static inline void insert_plain(struct store *store, unsigned first, unsigned count)
{
	struct payment *payments = ARENA_ARRAY(&database.arena, struct payment, count);
	struct payment_state *states = ARENA_ARRAY(&database.arena, struct payment_state, count);
	struct payment_new *news = ARENA_ARRAY(&database.arena, struct payment_new, count);
	struct err err;

	for (unsigned i = 0; i < count; i++) {
		payment_plain(first + i, &payments[i], &states[i]);
		news[i] = (struct payment_new){.payment = &payments[i], .state = &states[i]};
	}
	CHECK(store_begin(store, NULL, &err) && payment_store_insert(store, news, count, &err) &&
			store_commit(store, &err),
		"%s", err.text);
	for (unsigned i = 0; i < count; i++)
		CHECK(news[i].inserted, "payment %u", first + i);
}

static inline struct payment_row read_one(struct store *store, unsigned number)
{
	const struct uuid id = id_of(number);
	struct payment_row row;
	struct err err;

	CHECK(payment_store_read(store, &id, 1, &database.arena, &row, &err), "%s", err.text);
	return row;
}

#endif
