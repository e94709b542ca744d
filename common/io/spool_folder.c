#include "io/spool_folder.h"

#include "base/crc32c.h"
#include "base/fault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { NUMBER = 8, FREED_SIZE = 12 };

static bool failed(struct err *err, const char *what)
{
	int code = errno;

	return err_set(err, ERR_BROKEN, code, "spool: %s: %s", what, strerror(code));
}

static bool take_lock(struct spool_folder *folder, const char *path, struct err *err)
{
	folder->fd =
		FAULT_ERRNO("spool.folder", EACCES) ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->fd < 0)
		return failed(err, path);
	folder->lock = openat(folder->fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (folder->lock < 0)
		return failed(err, "making its lock");
	if (!FAULT_ERRNO("spool.lock", EWOULDBLOCK) && flock(folder->lock, LOCK_EX | LOCK_NB) == 0)
		return true;
	if (errno == EWOULDBLOCK)
		return err_set(err, ERR_BROKEN, errno, "spool: another process works with %s", path);
	return failed(err, "locking it");
}

static void push(struct spool_folder *folder, uint64_t segment)
{
	if (folder->count == folder->size) {
		folder->size = folder->size == 0 ? 16 : 2 * folder->size;
		folder->segments = realloc(folder->segments, folder->size * sizeof(*folder->segments));
		must(folder->segments != NULL);
	}
	folder->segments[folder->count++] = (struct spool_part){.first = segment};
}

static int by_number(const void *a, const void *b)
{
	const struct spool_part *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static bool list(struct spool_folder *folder, struct err *err)
{
	int fd = FAULT_ERRNO("spool.list", EMFILE)
			 ? -1
			 : openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (dir == NULL) {
		failed(err, "listing it");
		if (fd >= 0)
			close(fd);
		return false;
	}
	while ((entry = readdir(dir)) != NULL) {
		uint64_t segment;

		if (spool_segment_number(entry->d_name, &segment))
			push(folder, segment);
	}
	closedir(dir);
	if (folder->count > 1)
		qsort(folder->segments, folder->count, sizeof(*folder->segments), by_number);
	return true;
}

/* Nothing that can be read there: nothing is known to be freed. */
static bool read_freed(struct spool_folder *folder, uint64_t *ret, struct err *err)
{
	unsigned char bytes[FREED_SIZE];
	uint32_t sum = 0;
	uint64_t number = 0;

	*ret = 1;
	folder->freed = FAULT_ERRNO("spool.freed", EACCES)
				? -1
				: openat(folder->fd, "freed", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (folder->freed < 0)
		return failed(err, "opening its file \"freed\"");
	if (pread(folder->freed, bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return true;
	memcpy(&number, bytes, NUMBER);
	memcpy(&sum, bytes + NUMBER, sizeof(sum));
	if (sum == crc32c(bytes, NUMBER) && number > 0)
		*ret = number;
	return true;
}

bool spool_folder_open(struct spool_folder *folder, const char *path, uint64_t *ret_freed, struct err *err)
{
	*folder = (struct spool_folder){.fd = -1, .lock = -1, .freed = -1};
	if (take_lock(folder, path, err) && list(folder, err) && read_freed(folder, ret_freed, err))
		return true;
	spool_folder_close(folder);
	return false;
}

size_t spool_folder_find(const struct spool_folder *folder, uint64_t number)
{
	size_t at = 0;

	while (at + 1 < folder->count && folder->segments[at + 1].first <= number)
		at++;
	return at;
}

void spool_folder_add(struct spool_folder *folder, uint64_t segment)
{
	if (folder->count > 0 && folder->segments[folder->count - 1].first >= segment)
		return;
	push(folder, segment);
}

bool spool_folder_remember(struct spool_folder *folder, uint64_t freed)
{
	unsigned char bytes[FREED_SIZE];
	uint32_t sum;

	memcpy(bytes, &freed, NUMBER);
	sum = crc32c(bytes, NUMBER);
	memcpy(bytes + NUMBER, &sum, sizeof(sum));
	return !FAULT_ERRNO("spool.remember", ENOSPC) &&
	       pwrite(folder->freed, bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes);
}

bool spool_folder_remove_first(struct spool_folder *folder)
{
	struct err err;

	must(folder->count > 0);
	if (folder->segments[0].bad ? !spool_segment_set_aside(folder->fd, folder->segments[0].first, &err)
				    : !spool_segment_remove(folder->fd, folder->segments[0].first, &err))
		return false;
	folder->count--;
	memmove(folder->segments, folder->segments + 1, folder->count * sizeof(*folder->segments));
	return true;
}

void spool_folder_close(struct spool_folder *folder)
{
	if (folder->freed >= 0)
		close(folder->freed);
	if (folder->lock >= 0)
		close(folder->lock);
	if (folder->fd >= 0)
		close(folder->fd);
	free(folder->segments);
	*folder = (struct spool_folder){.fd = -1, .lock = -1, .freed = -1};
}
