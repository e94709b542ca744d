#include "base/err.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool err_set(struct err *err, enum err_class class, int code, const char *fmt, ...)
{
	char text[sizeof(err->text)]; /* the arguments may point into err->text */
	va_list args;

	if (err == NULL)
		return false;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	*err = (struct err){.class = class, .code = code};
	memcpy(err->text, text, sizeof(text));
	return false;
}

bool err_while(struct err *err, const char *fmt, ...)
{
	char text[sizeof(err->text)];
	struct buf whole = {.at = text, .cap = sizeof(text) - 1};
	va_list args;

	if (err == NULL)
		return false;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	whole.len = strlen(text);
	buf_str(&whole, ": ");
	/* The end of the reason is what may be cut. */
	buf_add(&whole, err->text, strnlen(err->text, whole.cap - whole.len));
	text[whole.len] = '\0';
	memcpy(err->text, text, sizeof(text));
	return false;
}

const char *err_class_name(enum err_class class)
{
	switch (class) {
	case ERR_NONE:
		return "none";
	case ERR_RETRY:
		return "retry";
	case ERR_REFUSED:
		return "refused";
	case ERR_UNKNOWN:
		return "unknown";
	case ERR_BROKEN:
		return "broken";
	}
	return "?";
}

void must_failed(const char *condition, const char *file, int line)
{
	char text[512];
	int len = snprintf(text, sizeof(text), "impossible: not (%s) at %s:%d\n", condition, file, line);

	if (len >= (int)sizeof(text))
		len = sizeof(text) - 1;
	if (write(STDERR_FILENO, text, (size_t)len) < 0)
		abort();
	abort();
}
