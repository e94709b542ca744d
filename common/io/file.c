#include "io/file.h"

#include "base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void fd_drop(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static bool failed(const char *path, struct err *err)
{
	return err_set(err, ERR_BROKEN, errno, "%s: %s", path, strerror(errno));
}

static UNUSED const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static UNUSED ssize_t play(unsigned fault)
{
	errno = fault == FAULT_AGAIN ? EINTR : EIO;
	return fault == FAULT_EMPTY ? 0 : -1;
}

bool file_read(const char *path, size_t most, struct arena *arena, struct text *ret, struct err *err)
{
	CLEANUP(fd_drop) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat stat;
	size_t len = 0;
	ssize_t got;
	char *bytes;

	if (fd < 0 || FAULT_OF("file.open", FAULT_FAILED, name_of(path)) || fstat(fd, &stat) != 0)
		return failed(path, err);
	if (!S_ISREG(stat.st_mode))
		return err_set(err, ERR_BROKEN, 0, "%s: this is not a file", path);
	if ((size_t)stat.st_size > most)
		return err_set(err, ERR_BROKEN, 0, "%s: longer than %zu bytes", path, most);
	/* It may grow while it is read; then what it was at first is enough. */
	bytes = arena_alloc(arena, (size_t)stat.st_size + 1);
	while (len < (size_t)stat.st_size) {
		unsigned fault =
			FAULT_OF("file.read", FAULT_FAILED | FAULT_EMPTY | FAULT_AGAIN, name_of(path));

		got = fault != 0 ? play(fault) : read(fd, bytes + len, (size_t)stat.st_size - len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return failed(path, err);
		if (got == 0)
			break;
		len += (size_t)got;
	}
	*ret = (struct text){bytes, len};
	return true;
}

bool file_mode(const char *path, unsigned *ret)
{
	struct stat seen;

	if (stat(path, &seen) != 0)
		return false;
	*ret = seen.st_mode & 07777;
	return true;
}
