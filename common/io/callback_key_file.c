#include "io/callback_key_file.h"

#include "io/file.h"

enum { FILE_MOST = 65536 };

bool callback_key_file_load(const char *path, struct callback_keys *ret, struct err *err)
{
	struct arena tmp;
	struct text file;
	unsigned line = 0;

	arena_init(&tmp);
	bool read = file_read(path, FILE_MOST, &tmp, &file, err);
	bool good = read && callback_keys_parse(file, ret, &line);
	arena_done(&tmp);
	if (good)
		return true;
	if (!read) {
		err->class = ERR_BROKEN;
		return err_while(err, "MKONDO_CALLBACK_KEYS_FILE");
	}
	return err_set(err, ERR_BROKEN, 0,
		"MKONDO_CALLBACK_KEYS_FILE %s: line %u is not \"<id 0-255> <64 hex>\"", path, line);
}
