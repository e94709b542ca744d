#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/attr.h"

#include <stdbool.h>

/*
 * An error is the world failing; its class is what the caller must do next. A verdict (an enum
 * with a comment per value) is a normal answer and is not an error.
 */
enum err_class {
	ERR_NONE = 0,
	ERR_RETRY, /* it did not happen; the same call may be made again */
	ERR_REFUSED, /* it was understood and turned down; do not repeat */
	ERR_UNKNOWN, /* it may have happened: never repeat blindly, go and ask */
	ERR_BROKEN, /* our bug or our configuration: a person is needed */
};

struct err {
	enum err_class class;
	int code; /* the library's or M-PESA's own code, for the log; 0: none */
	char state[6]; /* PostgreSQL's SQLSTATE when it was the database; else empty */
	char text[256];
};

/* Fills *err and returns false, so that a failure is one line: return err_set(...). */
bool err_set(struct err *err, enum err_class class, int code, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Puts "what we were doing: " in front of the text; returns false. */
bool err_while(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);
const char *err_class_name(enum err_class class);

#endif
