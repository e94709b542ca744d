#include "base/metric_cells.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/*
 * Cells are found without a lock: a table of pointers that only ever fills up, in which a pointer is
 * published after its cell is complete. A cell is made under the lock and lives as long as the process.
 */

enum { VALUES_USUAL = 64 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct metric *all; /* in order of name */

/* Made by the linker from what METRIC() lists; a program without a metric has neither. */
extern struct metric *const __start_mkondo_metrics[] __attribute__((weak, visibility("hidden")));
extern struct metric *const __stop_mkondo_metrics[] __attribute__((weak, visibility("hidden")));

const double metric_bounds[METRIC_BUCKETS] = {
	0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60};

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

/* Under the lock. */
static struct metric_cell *cell_make(struct metric_cells *cells, const char *value)
{
	size_t i;
	struct metric_cell *cell = cell_find(cells, value, &i);

	if (cell == NULL && cells->held == cells->most) {
		if (cells->other == NULL)
			cells->other = cell_new("other");
		cell = cells->other;
	} else if (cell == NULL) {
		cell = cell_new(value);
		cells->held++;
		atomic_store_explicit(&cells->at[i], cell, memory_order_release);
	}
	return cell;
}

/* A gauge that nobody has set says nothing; of what is counted, 0 is the truth from the start. */
static void make_known_cells(const struct metric *metric)
{
	const char *at = metric->values;
	char value[64];

	if (metric->kind == METRIC_GAUGE)
		return;
	if (metric->label == NULL)
		cell_make(metric->cells, "");
	while (metric->label != NULL && at != NULL && *at != '\0') {
		size_t len = strcspn(at, " ");

		must(len > 0 && len < sizeof(value));
		memcpy(value, at, len);
		value[len] = '\0';
		cell_make(metric->cells, value);
		at += len + (at[len] == ' ');
	}
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
		make_known_cells(metric);
		metric->next = *at;
		*at = metric;
		__atomic_store_n(&metric->linked, 1, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&lock);
}

struct metric *metric_lock_all(void)
{
	for (struct metric *const *one = __start_mkondo_metrics; one < __stop_mkondo_metrics; one++)
		if (!__atomic_load_n(&(*one)->linked, __ATOMIC_ACQUIRE))
			link_in(*one);
	pthread_mutex_lock(&lock);
	return all;
}

void metric_unlock(void)
{
	pthread_mutex_unlock(&lock);
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
	if (cell == NULL) {
		pthread_mutex_lock(&lock);
		cell = cell_make(metric->cells, value);
		pthread_mutex_unlock(&lock);
	}
	return cell;
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

	while (i < METRIC_BUCKETS && seconds > metric_bounds[i])
		i++;
	if (i < METRIC_BUCKETS)
		atomic_fetch_add_explicit(&cell->buckets[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&cell->count, 1, memory_order_relaxed);
	add_number(&cell->number, seconds);
}

double metric_value(struct metric *metric, const char *value)
{
	struct metric_cell *cell = cell_of(metric, value);

	return metric->kind == METRIC_GAUGE ? atomic_load(&cell->number) : (double)atomic_load(&cell->count);
}
