#ifndef IO_CALLBACK_KEY_FILE_H
#define IO_CALLBACK_KEY_FILE_H

#include "base/err.h"
#include "core/callback_url.h"

/* MKONDO_CALLBACK_KEYS_FILE. What is wrong with it is ERR_BROKEN, with the line. */
bool callback_key_file_load(const char *path, struct callback_keys *ret, struct err *err);

#endif
