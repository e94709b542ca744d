#include "io/file_watch.h"

#include "base/attr.h"
#include "base/fault.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct file_stamp {
	struct timespec content, inode; /* the second moves, too, when the file becomes readable */
	off_t size;
	ino_t number;
	dev_t device;
};

struct watched_file {
	char *path;
	struct file_stamp read, seen; /* before it was read, and at the last look */
};

/* All zero: there is no such file. */
static struct file_stamp stamp_of(const char *path)
{
	struct stat seen;

	if (FAULT("file.stat", FAULT_FAILED) || stat(path, &seen) != 0)
		return (struct file_stamp){0};
	return (struct file_stamp){.content = seen.st_mtim,
		.inode = seen.st_ctim,
		.size = seen.st_size,
		.number = seen.st_ino,
		.device = seen.st_dev};
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool same_stamp(const struct file_stamp *a, const struct file_stamp *b)
{
	return same_time(&a->content, &b->content) && same_time(&a->inode, &b->inode) && a->size == b->size &&
	       a->number == b->number && a->device == b->device;
}

void file_watch_add(struct file_watch *watch, const char *path)
{
	struct watched_file *file;

	for (size_t i = 0; i < watch->count; i++)
		if (strcmp(watch->files[i].path, path) == 0)
			return;
	if (watch->count == watch->cap) {
		watch->cap = watch->cap != 0 ? 2 * watch->cap : 4;
		watch->files = realloc(watch->files, watch->cap * sizeof(*watch->files));
		must(watch->files != NULL);
	}
	file = &watch->files[watch->count++];
	file->path = strdup(path);
	must(file->path != NULL);
	file->read = file->seen = stamp_of(path);
}

enum file_news file_watch_look(struct file_watch *watch)
{
	bool same = true, rest = true;

	for (size_t i = 0; i < watch->count; i++) {
		struct watched_file *file = &watch->files[i];
		const struct file_stamp now = stamp_of(file->path);

		same = same && same_stamp(&now, &file->read);
		rest = rest && same_stamp(&now, &file->seen);
		file->seen = now;
	}
	if (same)
		return FILES_SAME;
	return rest ? FILES_CHANGED : FILES_MOVING;
}

const char *file_watch_path(const struct file_watch *watch, size_t index)
{
	must(index < watch->count);
	return watch->files[index].path;
}

void file_watch_done(struct file_watch *watch)
{
	for (size_t i = 0; i < watch->count; i++)
		free(watch->files[i].path);
	free(watch->files);
	*watch = (struct file_watch){0};
}
