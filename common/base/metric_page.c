#include "base/metric_cells.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {
	[METRIC_COUNTER] = "counter", [METRIC_GAUGE] = "gauge", [METRIC_HISTOGRAM] = "histogram"};

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

	for (size_t i = 0; i < METRIC_BUCKETS; i++) {
		sum += atomic_load_explicit(&cell->buckets[i], memory_order_relaxed);
		snprintf(bound, sizeof(bound), "%g", metric_bounds[i]);
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
	for (const struct metric *metric = metric_lock_all(); metric != NULL; metric = metric->next)
		print_metric(out, metric);
	metric_unlock();
}

static void document_metric(struct buf *out, const struct metric *metric)
{
	buf_print(out, "| `%s` | %s | ", metric->name, kinds[metric->kind]);
	if (metric->label != NULL)
		buf_print(out, "`%s`", metric->label);
	for (const char *at = metric->label != NULL ? metric->values : NULL; at != NULL && *at != '\0';) {
		size_t len = strcspn(at, " ");

		buf_print(out, "%s %.*s", at == metric->values ? ":" : ",", (int)len, at);
		at += len + (at[len] == ' ');
	}
	buf_print(out, " | %s |\n", metric->help);
}

void metric_document(struct buf *out)
{
	for (const struct metric *metric = metric_lock_all(); metric != NULL; metric = metric->next)
		document_metric(out, metric);
	metric_unlock();
}
