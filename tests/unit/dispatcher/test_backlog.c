#include "dispatcher/backlog.h"

#include "base/attr.h"
#include "check.h"

#include <stdlib.h>

static const struct mono start = {1000000};
static const struct mono end = {INT64_MAX};

/* Three apps: the first has two accounts, the last none that is known. */
static const unsigned app_of[] = {2, 0, 0, 1};
enum { ACCOUNTS = 4, APPS = 3, PRIORITIES = 3 };

static struct waiting hint_of(unsigned n, unsigned account, enum priority priority)
{
	struct waiting waiting = {.hint = {.priority = priority}, .account = account};

	waiting.hint.id.b[0] = 1;
	waiting.hint.id.b[13] = (uint8_t)(n >> 16);
	waiting.hint.id.b[14] = (uint8_t)(n >> 8);
	waiting.hint.id.b[15] = (uint8_t)n;
	return waiting;
}

static struct waiting question(unsigned n, unsigned query_no)
{
	struct waiting waiting = hint_of(n, 0, PRIORITY_NORMAL);

	waiting.hint.ask = true;
	waiting.hint.query_no = query_no;
	return waiting;
}

static unsigned number(const struct waiting *waiting)
{
	return (unsigned)waiting->hint.id.b[13] << 16 | (unsigned)waiting->hint.id.b[14] << 8 |
	       waiting->hint.id.b[15];
}

static enum backlog_fate put(struct backlog *backlog, unsigned n, unsigned account, enum priority priority)
{
	const struct waiting waiting = hint_of(n, account, priority);

	return backlog_put(backlog, &waiting);
}

static unsigned take_one(struct backlog *backlog, size_t app)
{
	struct waiting out;

	assert_int_equal(backlog_take(backlog, app, start, &out, 1), 1);
	return number(&out);
}

static void test_hints_leave_in_the_order_of_their_coming(void **state)
{
	struct backlog backlog;
	struct waiting out[8];

	(void)state;
	backlog_init(&backlog, NULL, 1);
	for (unsigned n = 0; n < 5; n++)
		assert_int_equal(put(&backlog, n, 0, PRIORITY_NORMAL), BACKLOG_ADDED);
	assert_int_equal(backlog_take(&backlog, 0, start, out, 3), 3);
	for (unsigned n = 0; n < 3; n++)
		assert_int_equal(number(&out[n]), n);
	assert_int_equal(backlog_take(&backlog, 0, start, out, 8), 2);
	assert_int_equal(number(&out[0]), 3);
	assert_int_equal(backlog.count, 0);
	backlog_done(&backlog);
}

static void test_a_payment_waits_once_however_many_wait_behind_it(void **state)
{
	struct backlog backlog;
	struct waiting held = hint_of(3000, 0, PRIORITY_NORMAL);

	(void)state;
	backlog_init(&backlog, NULL, 1);
	held.not_before = mono_add_ms(start, 100);
	assert_int_equal(backlog_put(&backlog, &held), BACKLOG_ADDED);
	for (unsigned n = 0; n < 1000; n++)
		assert_int_equal(put(&backlog, n, 0, PRIORITY_NORMAL), BACKLOG_ADDED);
	for (unsigned n = 0; n < 1000; n++)
		assert_int_equal(put(&backlog, n, 0, PRIORITY_BULK), BACKLOG_KNOWN);
	assert_int_equal(put(&backlog, 3000, 0, PRIORITY_NORMAL), BACKLOG_KNOWN);
	assert_int_equal(backlog.count, 1001);
	assert_int_equal(backlog_ready(&backlog, 0, start), 1000);
	backlog_done(&backlog);
}

static void test_a_question_waits_once_and_the_newest_number_counts(void **state)
{
	struct backlog backlog;
	struct waiting out[4];
	const struct waiting asks[] = {question(2, 3), question(2, 5), question(2, 4)};

	(void)state;
	backlog_init(&backlog, NULL, 1);
	put(&backlog, 2, 0, PRIORITY_NORMAL); /* a send of the same payment is another thing */
	for (size_t i = 0; i < COUNT_OF(asks); i++)
		backlog_put(&backlog, &asks[i]);
	assert_int_equal(backlog_take(&backlog, 0, start, out, 4), 2);
	assert_false(out[0].hint.ask);
	assert_int_equal(out[1].hint.query_no, 5);
	backlog_done(&backlog);
}

static void test_what_is_held_does_not_stop_others_and_then_has_its_place(void **state)
{
	struct backlog backlog;
	struct waiting out[4], held = hint_of(1, 0, PRIORITY_NORMAL);
	struct mono next;

	(void)state;
	backlog_init(&backlog, NULL, 1);
	assert_false(backlog_next(&backlog, &next));
	held.not_before = mono_add_ms(start, 100);
	backlog_put(&backlog, &held);
	put(&backlog, 2, 0, PRIORITY_NORMAL);
	assert_true(backlog_next(&backlog, &next) && next.us == held.not_before.us);
	assert_int_equal(backlog_ready(&backlog, 0, start), 1);
	assert_int_equal(backlog_take(&backlog, 0, start, out, 4), 1);
	assert_int_equal(number(&out[0]), 2);
	put(&backlog, 3, 0, PRIORITY_NORMAL);
	assert_int_equal(backlog_ready(&backlog, 0, mono_add_ms(start, 99)), 1);
	assert_int_equal(backlog_take(&backlog, 0, mono_add_ms(start, 100), out, 4), 2);
	assert_int_equal(number(&out[0]), 1);
	assert_false(backlog_next(&backlog, &next));
	backlog_done(&backlog);
}

static void test_what_is_put_back_keeps_its_place(void **state)
{
	struct backlog backlog;
	struct waiting out[3];

	(void)state;
	backlog_init(&backlog, NULL, 1);
	for (unsigned n = 1; n <= 4; n++)
		put(&backlog, n, 0, PRIORITY_NORMAL);
	assert_int_equal(backlog_take(&backlog, 0, start, out, 3), 3);
	put(&backlog, 5, 0, PRIORITY_NORMAL);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(backlog_put(&backlog, &out[2 - i]), BACKLOG_ADDED);
	for (unsigned n = 1; n <= 5; n++)
		assert_int_equal(take_one(&backlog, 0), n);
	backlog_done(&backlog);
}

static void test_a_full_backlog_says_so_and_loses_nothing_that_it_has(void **state)
{
	struct backlog backlog;
	static struct waiting out[BACKLOG_MOST];

	(void)state;
	backlog_init(&backlog, NULL, 1);
	for (unsigned n = 0; n < BACKLOG_MOST; n++)
		assert_int_equal(put(&backlog, n, 0, PRIORITY_NORMAL), BACKLOG_ADDED);
	assert_int_equal(put(&backlog, 60000, 0, PRIORITY_NORMAL), BACKLOG_FULL);
	assert_int_equal(put(&backlog, 17, 0, PRIORITY_NORMAL), BACKLOG_KNOWN);
	assert_int_equal(backlog_take(&backlog, 0, start, out, BACKLOG_MOST), BACKLOG_MOST);
	for (unsigned n = 0; n < BACKLOG_MOST; n++)
		assert_int_equal(number(&out[n]), n);
	assert_int_equal(put(&backlog, 60000, 0, PRIORITY_NORMAL), BACKLOG_ADDED);
	backlog_done(&backlog);
}

static void test_a_priority_that_nobody_knows_is_normal(void **state)
{
	struct backlog backlog;

	(void)state;
	backlog_init(&backlog, NULL, 1);
	put(&backlog, 1, 0, (enum priority)9);
	put(&backlog, 2, 0, PRIORITY_BULK);
	assert_int_equal(take_one(&backlog, 0), 1);
	backlog_done(&backlog);
}

static void test_an_app_is_taken_from_by_itself(void **state)
{
	struct backlog backlog;

	(void)state;
	backlog_init(&backlog, app_of, ACCOUNTS);
	put(&backlog, 1, 1, PRIORITY_NORMAL);
	put(&backlog, 2, 3, PRIORITY_NORMAL);
	put(&backlog, 3, 0, PRIORITY_NORMAL);
	for (size_t app = 0; app < APPS; app++)
		assert_int_equal(backlog_ready(&backlog, app, start), 1);
	assert_int_equal(take_one(&backlog, 1), 2);
	assert_int_equal(backlog_ready(&backlog, 1, start), 0);
	assert_int_equal(take_one(&backlog, 2), 3);
	assert_int_equal(take_one(&backlog, 0), 1);
	backlog_done(&backlog);
}

static void test_ten_in_a_row_with_everything_waiting(void **state)
{
	static const enum priority want[] = {PRIORITY_INTERACTIVE, PRIORITY_INTERACTIVE, PRIORITY_NORMAL,
		PRIORITY_INTERACTIVE, PRIORITY_INTERACTIVE, PRIORITY_NORMAL, PRIORITY_INTERACTIVE,
		PRIORITY_INTERACTIVE, PRIORITY_NORMAL, PRIORITY_BULK};
	struct backlog backlog;
	struct waiting out;

	(void)state;
	backlog_init(&backlog, NULL, 1);
	for (unsigned n = 0; n < 60; n++)
		put(&backlog, n, 0, (enum priority)(n % PRIORITIES));
	for (size_t i = 0; i < COUNT_OF(want); i++) {
		assert_int_equal(backlog_take(&backlog, 0, start, &out, 1), 1);
		CHECK(out.hint.priority == want[i], "the one at %zu is of %d", i, (int)out.hint.priority);
	}
	backlog_done(&backlog);
}

/* Of any ten in a row, over takes of every size, while hints come as they like. */
static void test_shares_hold_over_any_ten_that_were_taken(void **state)
{
	static const unsigned least[PRIORITIES] = {[PRIORITY_NORMAL] = 3, [PRIORITY_BULK] = 1};
	struct backlog backlog;
	struct waiting out;
	unsigned n = 0;

	(void)state;
	srand(7);
	backlog_init(&backlog, app_of, ACCOUNTS);
	for (int run = 0; run < 50; run++) {
		size_t waits[PRIORITIES] = {0};
		unsigned waited[PRIORITIES] = {0}; /* takes in a row at which it waited */
		enum priority last[10];

		for (unsigned taken = 0; taken < 400; taken++) {
			for (int more = rand() % 4; more > 0 && backlog.count < 1000; more--) {
				enum priority priority = (enum priority)(rand() % (run % PRIORITIES + 1));

				waits[priority] += put(&backlog, ++n, 1 + (unsigned)rand() % 2, priority) ==
						   BACKLOG_ADDED;
			}
			for (unsigned p = 0; p < PRIORITIES; p++)
				waited[p] = waits[p] > 0 ? waited[p] + 1 : 0;
			if (backlog_take(&backlog, 0, start, &out, 1) == 0)
				continue;
			waits[out.hint.priority]--;
			memmove(&last[1], &last[0], 9 * sizeof(last[0]));
			last[0] = out.hint.priority;
			for (unsigned p = 0; p < PRIORITIES; p++) {
				unsigned got = 0;

				for (unsigned i = 0; i < 10 && waited[p] >= 10; i++)
					got += last[i] == p;
				CHECK(waited[p] < 10 || got >= least[p], "run %d, take %u: %u of priority %u",
					run, taken, got, p);
			}
		}
		while (backlog_take(&backlog, 0, start, &out, 1) > 0)
			continue;
	}
	backlog_done(&backlog);
}

static void test_an_account_that_floods_costs_another_one_turn_at_most(void **state)
{
	struct backlog backlog;
	unsigned n = 0;

	(void)state;
	srand(11);
	backlog_init(&backlog, app_of, ACCOUNTS);
	for (int round = 0; round < 300; round++) {
		for (int i = rand() % 40; i >= 0; i--)
			put(&backlog, ++n, 1, PRIORITY_NORMAL);
		for (int i = rand() % 4; i > 0 && backlog_ready(&backlog, 0, start) > 1; i--)
			take_one(&backlog, 0);

		const unsigned mine = ++n;
		assert_int_equal(put(&backlog, mine, 2, PRIORITY_NORMAL), BACKLOG_ADDED);
		const unsigned first = take_one(&backlog, 0), second = take_one(&backlog, 0);
		CHECK(first == mine || second == mine, "round %d: %u and %u before %u", round, first, second,
			mine);
	}
	backlog_done(&backlog);
}

/* hints.c's way, without Kafka: what the topic holds comes in its order unless the topic is paused. */
static void test_another_account_gets_through_behind_a_flood_of_fifty_thousand(void **state)
{
	enum { FLOOD = 50000 };
	struct backlog backlog;
	unsigned dropped = 0;

	(void)state;
	backlog_init(&backlog, app_of, ACCOUNTS);
	for (unsigned n = 0; n < FLOOD; n++) {
		CHECK(!backlog_pauses(false, backlog.count, n % 500, ACCOUNTS), "paused after %u", n);
		dropped += put(&backlog, n, 1, PRIORITY_INTERACTIVE) == BACKLOG_OVER_SHARE;
	}
	assert_int_equal(backlog.count, BACKLOG_MOST / 2);
	assert_int_equal(dropped, FLOOD - BACKLOG_MOST / 2);
	assert_int_equal(put(&backlog, FLOOD, 2, PRIORITY_INTERACTIVE), BACKLOG_ADDED);
	assert_int_equal(put(&backlog, FLOOD + 1, 3, PRIORITY_INTERACTIVE), BACKLOG_ADDED);
	take_one(&backlog, 0);
	assert_int_equal(take_one(&backlog, 0), FLOOD);
	assert_int_equal(take_one(&backlog, 1), FLOOD + 1);
	backlog_done(&backlog);
}

static void test_two_floods_leave_room_for_a_third_account(void **state)
{
	struct backlog backlog;
	unsigned kept[2] = {0};

	(void)state;
	backlog_init(&backlog, app_of, ACCOUNTS);
	for (unsigned n = 0; n < 20000; n++)
		kept[n % 2] += put(&backlog, n, 1 + n % 2, PRIORITY_NORMAL) == BACKLOG_ADDED;
	assert_in_range(kept[0], BACKLOG_MOST / 3, BACKLOG_MOST / 3 + 1);
	assert_in_range(kept[1], BACKLOG_MOST / 3, BACKLOG_MOST / 3 + 1);
	for (unsigned n = 0; n < BACKLOG_MOST / 8; n++)
		assert_int_equal(put(&backlog, 30000 + n, 3, PRIORITY_BULK), BACKLOG_ADDED);
	backlog_done(&backlog);
}

static void test_topics_are_paused_where_that_holds_up_nobody_else(void **state)
{
	static const struct {
		const char *what;
		bool paused;
		size_t waiting, handed, accounts;
		bool want;
	} rows[] = {
		{"one account, half full", false, BACKLOG_MOST / 2, 0, 1, false},
		{"one account, over half", false, BACKLOG_MOST / 2 + 1, 0, 1, true},
		{"one account, goes on at a quarter", true, BACKLOG_MOST / 4, 0, 1, false},
		{"one account, not yet", true, BACKLOG_MOST / 4 + 1, 0, 1, true},
		{"more accounts, full of one or two of them", false, BACKLOG_MOST, 0, 3, false},
		{"the store thread is behind", false, 0, BACKLOG_MOST / 2 + 1, 3, true},
		{"the store thread is behind still", true, 0, BACKLOG_MOST / 4 + 1, 3, true},
		{"the store thread has caught up", true, BACKLOG_MOST, BACKLOG_MOST / 4, 3, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		CHECK(backlog_pauses(rows[i].paused, rows[i].waiting, rows[i].handed, rows[i].accounts) ==
				rows[i].want,
			"%s", rows[i].what);
}

/* The same thing without ideas: one list, searched from end to end. */
struct plain {
	struct waiting waiting;
	bool ready; /* it has been seen to be due */
};
struct model {
	struct plain all[512];
	size_t count;
	unsigned turns[APPS][PRIORITIES][ACCOUNTS]; /* accounts in the order of their turns */
	size_t turn_count[APPS][PRIORITIES];
	unsigned since[APPS][PRIORITIES];
	uint64_t places;
};

static size_t waits(const struct model *model, unsigned account, unsigned priority)
{
	size_t count = 0;

	for (size_t i = 0; i < model->count; i++)
		count += model->all[i].ready && model->all[i].waiting.account == account &&
			 model->all[i].waiting.hint.priority == priority;
	return count;
}

static void model_ready(struct model *model, struct plain *plain)
{
	const unsigned account = plain->waiting.account, priority = plain->waiting.hint.priority;
	const unsigned app = app_of[account];

	if (waits(model, account, priority) == 0)
		model->turns[app][priority][model->turn_count[app][priority]++] = account;
	plain->ready = true;
}

static bool model_put(struct model *model, const struct waiting *waiting)
{
	struct plain *plain = &model->all[model->count];

	for (size_t i = 0; i < model->count; i++)
		if (uuid_cmp(&model->all[i].waiting.hint.id, &waiting->hint.id) == 0)
			return false;
	*plain = (struct plain){.waiting = *waiting};
	if (plain->waiting.place == 0)
		plain->waiting.place = ++model->places;
	model->count++;
	if (waiting->not_before.us == 0)
		model_ready(model, plain);
	return true;
}

static void model_let_go(struct model *model, struct mono now)
{
	for (;;) {
		struct plain *first = NULL;

		for (size_t i = 0; i < model->count; i++) {
			struct plain *one = &model->all[i];

			if (one->ready || one->waiting.not_before.us > now.us)
				continue;
			if (first == NULL || one->waiting.not_before.us < first->waiting.not_before.us ||
				(one->waiting.not_before.us == first->waiting.not_before.us &&
					one->waiting.place < first->waiting.place))
				first = one;
		}
		if (first == NULL)
			return;
		model_ready(model, first);
	}
}

static bool model_take(struct model *model, unsigned app, struct waiting *ret)
{
	static const unsigned ranks[] = {PRIORITY_INTERACTIVE, PRIORITY_NORMAL, PRIORITY_BULK};
	const size_t *count = model->turn_count[app];
	unsigned *since = model->since[app], priority = PRIORITIES;
	struct plain *first = NULL;

	if (count[PRIORITY_BULK] > 0 && since[PRIORITY_BULK] >= 9)
		priority = PRIORITY_BULK;
	else if (count[PRIORITY_NORMAL] > 0 && since[PRIORITY_NORMAL] >= 2)
		priority = PRIORITY_NORMAL;
	for (size_t i = 0; i < PRIORITIES && priority == PRIORITIES; i++)
		if (count[ranks[i]] > 0)
			priority = ranks[i];
	if (priority == PRIORITIES)
		return false;

	unsigned *turns = model->turns[app][priority];
	const unsigned account = turns[0];
	for (size_t i = 0; i < model->count; i++) {
		struct plain *one = &model->all[i];

		if (one->ready && one->waiting.account == account && one->waiting.hint.priority == priority &&
			(first == NULL || one->waiting.place < first->waiting.place))
			first = one;
	}
	*ret = first->waiting;
	*first = model->all[--model->count];
	for (unsigned p = 0; p < PRIORITIES; p++)
		since[p] = p == priority || count[p] == 0 ? 0 : since[p] + 1;
	memmove(&turns[0], &turns[1], --model->turn_count[app][priority] * sizeof(turns[0]));
	if (waits(model, account, priority) > 0)
		turns[model->turn_count[app][priority]++] = account;
	return true;
}

static void compare_takes(struct backlog *backlog, struct model *model, struct mono now, int seed)
{
	const unsigned app = (unsigned)rand() % APPS;
	struct waiting out[6], want;
	const size_t most = (size_t)rand() % 6;

	model_let_go(model, now);
	const size_t taken = backlog_take(backlog, app, now, out, most);
	for (size_t i = 0; i < taken; i++) {
		CHECK(model_take(model, app, &want), "seed %d: more than the model has", seed);
		CHECK(number(&want) == number(&out[i]) && want.place == out[i].place,
			"seed %d: %u instead of %u", seed, number(&out[i]), number(&want));
	}
	CHECK(taken == most || !model_take(model, app, &want), "seed %d: one was left", seed);
	for (size_t i = taken; i-- > 0;) {
		if (rand() % 3 != 0)
			continue;
		out[i].not_before = rand() % 2 ? mono_add_ms(now, rand() % 50) : (struct mono){0};
		out[i].account = rand() % 8 ? out[i].account : (unsigned)rand() % ACCOUNTS;
		assert_int_equal(backlog_put(backlog, &out[i]), BACKLOG_ADDED);
		assert_true(model_put(model, &out[i]));
	}
}

static void compare_run(int seed)
{
	static struct model model;
	struct backlog backlog;
	struct mono now = start;

	srand((unsigned)seed);
	model = (struct model){.count = 0};
	backlog_init(&backlog, app_of, ACCOUNTS);
	for (int step = 0; step < 1500; step++) {
		struct waiting waiting = hint_of((unsigned)rand() % 400, (unsigned)rand() % ACCOUNTS,
			(enum priority)(rand() % PRIORITIES));

		now = mono_add_ms(now, rand() % 3);
		if (rand() % 4 == 0)
			waiting.not_before = mono_add_ms(now, rand() % 60 - 10);
		const enum backlog_fate fate = backlog_put(&backlog, &waiting);
		CHECK(fate == (model_put(&model, &waiting) ? BACKLOG_ADDED : BACKLOG_KNOWN),
			"seed %d, step %d: fate %d", seed, step, (int)fate);
		if (rand() % (1 + seed % 6) == 0)
			compare_takes(&backlog, &model, now, seed);
		CHECK(backlog.count == model.count, "seed %d, step %d: %zu wait instead of %zu", seed, step,
			backlog.count, model.count);
	}
	for (unsigned app = 0; app < APPS; app++) {
		struct waiting out, want;

		model_let_go(&model, end);
		while (backlog_take(&backlog, app, end, &out, 1) > 0)
			CHECK(model_take(&model, app, &want) && number(&want) == number(&out),
				"seed %d: at the end", seed);
	}
	CHECK(backlog.count == 0 && model.count == 0, "seed %d: something was lost", seed);
	backlog_done(&backlog);
}

static void test_it_does_what_a_plain_list_does(void **state)
{
	(void)state;
	for (int seed = 1; seed <= 60; seed++)
		compare_run(seed);
}

/* Accounts 1 and 3 stay, under other numbers; 2 is gone. */
static void test_what_waits_moves_to_the_numbers_of_other_accounts(void **state)
{
	static const unsigned number_of[] = {0, 2, BACKLOG_GONE, 1}, next_app_of[] = {2, 1, 0};
	struct backlog from, to;
	struct waiting waiting, out[8];
	struct mono next;

	(void)state;
	backlog_init(&from, app_of, ACCOUNTS);
	backlog_init(&to, next_app_of, 3);
	put(&from, 1, 1, PRIORITY_NORMAL);
	put(&from, 2, 2, PRIORITY_NORMAL);
	put(&from, 3, 3, PRIORITY_NORMAL);
	put(&from, 4, 1, PRIORITY_NORMAL);
	waiting = hint_of(5, 1, PRIORITY_NORMAL);
	waiting.not_before = mono_add_ms(start, 50);
	backlog_put(&from, &waiting);
	waiting = hint_of(6, 0, PRIORITY_NORMAL);
	waiting.not_before = mono_add_ms(start, 60000);
	backlog_put(&from, &waiting);

	assert_int_equal(backlog_move(&from, &to, number_of), 1);
	assert_null(from.slots);
	assert_int_equal(to.count, 5);
	put(&to, 7, 2, PRIORITY_NORMAL);
	assert_int_equal(take_one(&to, 1), 3);
	assert_int_equal(take_one(&to, 2), 6); /* its account may be known by now: it waits no longer */
	assert_int_equal(backlog_take(&to, 0, start, out, 8), 3);
	assert_int_equal(number(&out[0]), 1);
	assert_int_equal(number(&out[1]), 4);
	assert_int_equal(number(&out[2]), 7); /* who comes later stays behind */
	assert_true(backlog_next(&to, &next));
	assert_int_equal(next.us, mono_add_ms(start, 50).us);
	backlog_done(&to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hints_leave_in_the_order_of_their_coming),
		cmocka_unit_test(test_a_payment_waits_once_however_many_wait_behind_it),
		cmocka_unit_test(test_a_question_waits_once_and_the_newest_number_counts),
		cmocka_unit_test(test_what_is_held_does_not_stop_others_and_then_has_its_place),
		cmocka_unit_test(test_what_is_put_back_keeps_its_place),
		cmocka_unit_test(test_a_full_backlog_says_so_and_loses_nothing_that_it_has),
		cmocka_unit_test(test_a_priority_that_nobody_knows_is_normal),
		cmocka_unit_test(test_an_app_is_taken_from_by_itself),
		cmocka_unit_test(test_ten_in_a_row_with_everything_waiting),
		cmocka_unit_test(test_shares_hold_over_any_ten_that_were_taken),
		cmocka_unit_test(test_an_account_that_floods_costs_another_one_turn_at_most),
		cmocka_unit_test(test_another_account_gets_through_behind_a_flood_of_fifty_thousand),
		cmocka_unit_test(test_two_floods_leave_room_for_a_third_account),
		cmocka_unit_test(test_topics_are_paused_where_that_holds_up_nobody_else),
		cmocka_unit_test(test_it_does_what_a_plain_list_does),
		cmocka_unit_test(test_what_waits_moves_to_the_numbers_of_other_accounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
