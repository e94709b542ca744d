#include "base/fault.h"

#ifdef MKONDO_FAULTS

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { POINTS_MOST = 1024, NAME_MOST = 96, LIST_MOST = 128 << 10 };

/* A hook with one of its details. */
struct point {
	char name[NAME_MOST];
	const struct fault_hook *hook;
	unsigned long hits, played;
	unsigned class; /* 0: not armed */
	unsigned long left, times; /* hits until it plays, and how often it does */
};

/* The linker's names for the ends of the section; a program without hooks has none. */
extern const struct fault_hook *const __start_fault_hooks[] __attribute__((weak));
extern const struct fault_hook *const __stop_fault_hooks[] __attribute__((weak));

static const char *const class_names[] = {
	"failed", "lost", "hang", "short", "empty", "refused", "clashed", "warned", "fatal", "again"};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct point points[POINTS_MOST];
static size_t point_count;
static _Thread_local const char *noted = "";

static struct point *point_of(const struct fault_hook *hook, const char *name)
{
	struct point *point;

	for (size_t i = 0; i < point_count; i++)
		if (strcmp(points[i].name, name) == 0)
			return &points[i];
	must(point_count < POINTS_MOST);
	point = &points[point_count++];
	*point = (struct point){.hook = hook};
	(void)snprintf(point->name, sizeof(point->name), "%s", name);
	return point;
}

static unsigned play(struct point *point)
{
	point->hits++;
	if (point->class == 0 || --point->left > 0)
		return 0;
	unsigned class = point->class;
	point->played++;
	point->left = 1;
	if (--point->times == 0)
		point->class = 0;
	return class;
}

unsigned fault_hit(const struct fault_hook *hook, const char *detail)
{
	char name[NAME_MOST];
	unsigned class;

	(void)snprintf(name, sizeof(name), "%s%s%s", hook->name, detail[0] != '\0' ? ":" : "", detail);
	pthread_mutex_lock(&lock);
	class = play(point_of(hook, name));
	pthread_mutex_unlock(&lock);
	return class;
}

void fault_note(const char *literal)
{
	noted = literal;
}

const char *fault_noted(void)
{
	return noted;
}

static void print_point(struct buf *out, const char *name, unsigned classes, const struct point *point)
{
	const char *comma = "";

	buf_print(out, "%s ", name);
	for (size_t i = 0; i < COUNT_OF(class_names); i++)
		if (classes & (1u << i)) {
			buf_print(out, "%s%s", comma, class_names[i]);
			comma = ",";
		}
	buf_print(out, " %lu %lu\n", point != NULL ? point->hits : 0, point != NULL ? point->played : 0);
}

void fault_list(struct buf *out)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < point_count; i++)
		print_point(out, points[i].name, points[i].hook->classes, &points[i]);
	for (const struct fault_hook *const *at = __start_fault_hooks; at < __stop_fault_hooks; at++) {
		bool met = false;

		for (size_t i = 0; i < point_count && !met; i++)
			met = points[i].hook == *at;
		if (!met)
			print_point(out, (*at)->name, (*at)->classes, NULL);
	}
	pthread_mutex_unlock(&lock);
}

static const struct fault_hook *find_hook(const char *name)
{
	size_t len = strcspn(name, ":");

	for (const struct fault_hook *const *at = __start_fault_hooks; at < __stop_fault_hooks; at++)
		if (strlen((*at)->name) == len && strncmp((*at)->name, name, len) == 0)
			return *at;
	return NULL;
}

static unsigned find_class(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(class_names); i++)
		if (strcmp(class_names[i], name) == 0)
			return 1u << i;
	return 0;
}

bool fault_arm(struct text order)
{
	char words[4][NAME_MOST] = {{0}};
	size_t count = 0, len = 0;
	const struct fault_hook *hook;
	struct point *point;
	int64_t nth, times;
	unsigned class;

	order = text_trim(order);
	for (size_t i = 0; i < order.len; i++) {
		if (order.at[i] == ' ') {
			count++;
			len = 0;
		} else if (len + 1 < NAME_MOST && count < COUNT_OF(words)) {
			words[count][len++] = order.at[i];
		}
	}
	hook = find_hook(words[0]);
	class = find_class(words[1]);
	if (count != 3 || hook == NULL || (hook->classes & class) == 0 ||
		!text_to_int64(text_of(words[2]), &nth) || nth < 1 ||
		!text_to_int64(text_of(words[3]), &times) || times < 0)
		return false;
	pthread_mutex_lock(&lock);
	point = point_of(hook, words[0]);
	point->played = 0;
	point->left = (unsigned long)nth;
	point->times = (unsigned long)times;
	point->class = times > 0 ? class : 0;
	pthread_mutex_unlock(&lock);
	return true;
}

static void print_list(void)
{
	static char space[LIST_MOST];
	struct buf out = BUF(space);

	fault_list(&out);
	for (size_t done = 0; done < out.len;) {
		ssize_t put = write(STDOUT_FILENO, out.at + done, out.len - done);

		if (put <= 0)
			break;
		done += (size_t)put;
	}
	exit(EXIT_SUCCESS);
}

void fault_options(int *argc, char **argv)
{
	if (*argc > 1 && strcmp(argv[1], "--list-faults") == 0)
		print_list();
	while (*argc > 2 && strcmp(argv[1], "--fault") == 0 && fault_arm(text_of(argv[2]))) {
		for (int i = 3; i <= *argc; i++)
			argv[i - 2] = argv[i];
		*argc -= 2;
	}
}

#endif
