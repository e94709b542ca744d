#include "base/metric.h"

#include <pthread.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Cells are found without a lock: a table of pointers that only ever fills up, in which a pointer is
 * published after its cell is complete. A cell is made under the lock and lives as long as the process.
 */

enum { VALUES_USUAL = 64, BUCKETS = 16 };

static const double bounds[BUCKETS] = {
	0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60};

struct metric_cell {
	char *value;
	_Atomic int64_t count;
	_Atomic double number; /* the gauge, or the histogram's sum */
	_Atomic int64_t buckets[BUCKETS];
};

struct metric_cells {
	size_t slots; /* a power of two, at least twice what it may hold */
	unsigned held, most;
	struct metric_cell *other;
	struct metric_cell *_Atomic at[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct metric *all; /* in order of name */

static struct metric_cell *cell_new(const char *value)
{
	struct metric_cell *cell = calloc(1, sizeof(*cell));

	must(cell != NULL);
	cell->value = strdup(value);
	must(cell->value != NULL);
	return cell;
}

static struct metric_cells *cells_new(unsigned most)
{
	struct metric_cells *cells;
	size_t slots = 2;

	while (slots < 2 * (size_t)most)
		slots *= 2;
	cells = calloc(1, sizeof(*cells) + slots * sizeof(cells->at[0]));
	must(cells != NULL);
	cells->slots = slots;
	cells->most = most;
	return cells;
}

static void link_in(struct metric *metric)
{
	struct metric **at = &all;
	unsigned most = metric->most > 0 ? metric->most : VALUES_USUAL;

	pthread_mutex_lock(&lock);
	if (!metric->linked) {
		while (*at != NULL && strcmp((*at)->name, metric->name) < 0)
			at = &(*at)->next;
		metric->cells = cells_new(metric->label != NULL ? most : 1);
		metric->next = *at;
		*at = metric;
		__atomic_store_n(&metric->linked, 1, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&lock);
}

static size_t hash(const char *value)
{
	uint32_t h = 2166136261u;

	for (; *value != '\0'; value++)
		h = (h ^ (unsigned char)*value) * 16777619u;
	return h;
}

/* The cell of this value; NULL: none yet, and *ret_free is where it goes. */
static struct metric_cell *cell_find(struct metric_cells *cells, const char *value, size_t *ret_free)
{
	size_t i = hash(value) & (cells->slots - 1);

	for (;; i = (i + 1) & (cells->slots - 1)) {
		struct metric_cell *cell = atomic_load_explicit(&cells->at[i], memory_order_acquire);

		if (cell == NULL) {
			*ret_free = i;
			return NULL;
		}
		if (strcmp(cell->value, value) == 0)
			return cell;
	}
}

static struct metric_cell *cell_make(struct metric_cells *cells, const char *value)
{
	struct metric_cell *cell;
	size_t i;

	pthread_mutex_lock(&lock);
	cell = cell_find(cells, value, &i);
	if (cell == NULL && cells->held == cells->most) {
		if (cells->other == NULL)
			cells->other = cell_new("other");
		cell = cells->other;
	} else if (cell == NULL) {
		cell = cell_new(value);
		cells->held++;
		atomic_store_explicit(&cells->at[i], cell, memory_order_release);
	}
	pthread_mutex_unlock(&lock);
	return cell;
}

static struct metric_cell *cell_of(struct metric *metric, const char *value)
{
	struct metric_cell *cell;
	size_t i;

	if (!__atomic_load_n(&metric->linked, __ATOMIC_ACQUIRE))
		link_in(metric);
	if (metric->label == NULL || value == NULL)
		value = "";
	cell = cell_find(metric->cells, value, &i);
	return cell != NULL ? cell : cell_make(metric->cells, value);
}

static void add_number(_Atomic double *number, double more)
{
	double was = atomic_load_explicit(number, memory_order_relaxed);

	while (!atomic_compare_exchange_weak_explicit(
		number, &was, was + more, memory_order_relaxed, memory_order_relaxed))
		;
}

void metric_add(struct metric *metric, const char *value, int64_t n)
{
	struct metric_cell *cell = cell_of(metric, value);

	if (metric->kind == METRIC_GAUGE)
		add_number(&cell->number, (double)n);
	else if (n > 0)
		atomic_fetch_add_explicit(&cell->count, n, memory_order_relaxed);
}

void metric_set(struct metric *metric, const char *value, double number)
{
	atomic_store_explicit(&cell_of(metric, value)->number, number, memory_order_relaxed);
}

void metric_observe(struct metric *metric, const char *value, double seconds)
{
	struct metric_cell *cell = cell_of(metric, value);
	size_t i = 0;

	while (i < BUCKETS && seconds > bounds[i])
		i++;
	if (i < BUCKETS)
		atomic_fetch_add_explicit(&cell->buckets[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&cell->count, 1, memory_order_relaxed);
	add_number(&cell->number, seconds);
}

double metric_value(struct metric *metric, const char *value)
{
	struct metric_cell *cell = cell_of(metric, value);

	return metric->kind == METRIC_GAUGE ? atomic_load(&cell->number) : (double)atomic_load(&cell->count);
}

/* In the text format a help may not hold a bare backslash or line end, a label's value no quote either. */
static void print_escaped(struct buf *out, struct text text, bool quoted)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '\n') {
			buf_str(out, "\\n");
			continue;
		}
		if (text.at[i] == '\\' || (quoted && text.at[i] == '"'))
			buf_char(out, '\\');
		buf_char(out, text.at[i]);
	}
}

/* Up to the next comma, behind which *rest then begins; the last part of a list is all that is left. */
static struct text next_part(const char **rest, bool last)
{
	const char *comma = last ? NULL : strchr(*rest, ',');
	struct text part = {*rest, comma != NULL ? (size_t)(comma - *rest) : strlen(*rest)};

	*rest += part.len + (comma != NULL);
	return part;
}

/* label="value",label="value" */
static void print_labels(struct buf *out, const char *labels, const char *values)
{
	for (;;) {
		bool last = strchr(labels, ',') == NULL;
		struct text label = next_part(&labels, last);

		buf_print(out, "%.*s=\"", (int)label.len, label.at);
		print_escaped(out, next_part(&values, last), true);
		buf_char(out, '"');
		if (last)
			return;
		buf_char(out, ',');
	}
}

static void print_number(struct buf *out, double number)
{
	if (isnan(number))
		buf_str(out, "NaN\n");
	else if (isinf(number))
		buf_str(out, number > 0 ? "+Inf\n" : "-Inf\n");
	else
		buf_print(out, "%.15g\n", number);
}

/* name_suffix{label="value",le="bound"} and a space */
static void print_head(struct buf *out, const struct metric *metric, const struct metric_cell *cell,
	const char *suffix, const char *bound)
{
	buf_str(out, metric->name);
	buf_str(out, suffix);
	if (metric->label != NULL) {
		buf_char(out, '{');
		print_labels(out, metric->label, cell->value);
		buf_char(out, bound != NULL ? ',' : '}');
	} else if (bound != NULL) {
		buf_char(out, '{');
	}
	if (bound != NULL)
		buf_print(out, "le=\"%s\"}", bound);
	buf_char(out, ' ');
}

static void print_histogram(struct buf *out, const struct metric *metric, const struct metric_cell *cell)
{
	/* Read first: the buckets that are read later may only be ahead of it, and are held down to it. */
	int64_t count = atomic_load(&cell->count), sum = 0;
	char bound[32];

	for (size_t i = 0; i < BUCKETS; i++) {
		sum += atomic_load_explicit(&cell->buckets[i], memory_order_relaxed);
		snprintf(bound, sizeof(bound), "%g", bounds[i]);
		print_head(out, metric, cell, "_bucket", bound);
		buf_print(out, "%lld\n", (long long)(sum < count ? sum : count));
	}
	print_head(out, metric, cell, "_bucket", "+Inf");
	buf_print(out, "%lld\n", (long long)count);
	print_head(out, metric, cell, "_sum", NULL);
	print_number(out, atomic_load(&cell->number));
	print_head(out, metric, cell, "_count", NULL);
	buf_print(out, "%lld\n", (long long)count);
}

static void print_cell(struct buf *out, const struct metric *metric, const struct metric_cell *cell)
{
	switch (metric->kind) {
	case METRIC_COUNTER:
		print_head(out, metric, cell, "", NULL);
		buf_print(out, "%lld\n", (long long)atomic_load(&cell->count));
		return;
	case METRIC_GAUGE:
		print_head(out, metric, cell, "", NULL);
		print_number(out, atomic_load(&cell->number));
		return;
	case METRIC_HISTOGRAM:
		print_histogram(out, metric, cell);
		return;
	}
}

static int by_value(const void *a, const void *b)
{
	const struct metric_cell *const *one = a, *const *two = b;

	return strcmp((*one)->value, (*two)->value);
}

static void print_metric(struct buf *out, const struct metric *metric)
{
	static const char *const kinds[] = {
		[METRIC_COUNTER] = "counter", [METRIC_GAUGE] = "gauge", [METRIC_HISTOGRAM] = "histogram"};
	const struct metric_cells *cells = metric->cells;
	struct metric_cell **sorted = calloc(cells->held + 1, sizeof(struct metric_cell *));
	size_t n = 0;

	must(sorted != NULL);
	for (size_t i = 0; i < cells->slots; i++) {
		sorted[n] = atomic_load(&cells->at[i]);
		n += sorted[n] != NULL;
	}
	qsort(sorted, n, sizeof(struct metric_cell *), by_value);
	buf_print(out, "# HELP %s ", metric->name);
	print_escaped(out, text_of(metric->help), false);
	buf_print(out, "\n# TYPE %s %s\n", metric->name, kinds[metric->kind]);
	for (size_t i = 0; i < n; i++)
		print_cell(out, metric, sorted[i]);
	if (cells->other != NULL)
		print_cell(out, metric, cells->other);
	free(sorted);
}

void metric_print(struct buf *out)
{
	pthread_mutex_lock(&lock);
	for (const struct metric *metric = all; metric != NULL; metric = metric->next)
		print_metric(out, metric);
	pthread_mutex_unlock(&lock);
}
