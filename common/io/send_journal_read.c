#include "io/send_journal.h"

#include "io/journal_file.h"
#include "io/journal_index.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* A torn end is fine: a batch that is being written is not sent yet. */
static bool undamaged(int file, struct arena *arena, const char *dir, struct err *err)
{
	struct journal_reader reader;
	struct send_record record;

	journal_reader_init(&reader, file, arena);
	while (journal_reader_next(&reader, &record))
		;
	return !journal_reader_is_damaged(&reader) ||
	       err_set(err, ERR_BROKEN, 0,
		       "send journal: the one in %s is damaged at byte %lld, with good records behind it",
		       dir, (long long)reader.at);
}

bool send_journal_read(const char *dir, struct instant since, struct arena *arena, struct send_record **ret,
	size_t *ret_count, struct err *err)
{
	const char *path = arena_print(arena, "%s/send.journal", dir);
	int file = open(path, O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return err_set(err, ERR_BROKEN, errno, "send journal: %s: %s", path, strerror(errno));

	bool good =
		journal_sends(file, since, arena, ret, ret_count, err) && undamaged(file, arena, dir, err);
	close(file);
	return good;
}
