#ifndef BASE_CONF_H
#define BASE_CONF_H

#include "base/text.h"
#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Settings: one typed row each, filled from the environment by a look-up that is passed in.
 * A row NAME of type CONF_SECRET may also come from the file named by NAME_FILE. All errors are
 * reported at once, each naming the setting, the value (secrets masked) and what is allowed.
 * A variable that is set to nothing counts as not set. What may be left out and is: strings "",
 * numbers 0, booleans false, the first choice, the scale 1.
 * Names that start with MKONDO_ or MPESA_ and that no program of the release knows are refused.
 */
enum conf_type {
	CONF_STRING, /* const char * */
	CONF_SECRET, /* const char *; printed as *** */
	CONF_INT, /* int64_t, least ... most */
	CONF_MS, /* int64_t ms; text "250ms", "30s", "5m", "2h", "1d", "0" */
	CONF_BOOL, /* bool; true false yes no 1 0 */
	CONF_CHOICE, /* int: index into `choices` */
	CONF_SCALE, /* double: 0.005 ... 1 */
	CONF_ADDRESS, /* struct conf_address: host:port, [v6]:port or :port (all of IPv4) */
	CONF_FILE, /* const char *: a file that must be readable when set */
	CONF_DIR, /* const char *: a folder that must exist when set */
	CONF_URL, /* const char *: http:// or https://, host, no trailing slash kept */
};

struct conf_address {
	char host[64]; /* numeric; "" when unset */
	uint16_t port;
};

struct conf_row {
	const char *name; /* "MKONDO_KAFKA_BOOTSTRAP" */
	enum conf_type type;
	size_t at; /* offsetof in the group's struct */
	const char *fallback; /* NULL: must be set; "": may be left out */
	int64_t least, most; /* of CONF_INT and CONF_MS; both 0: no limit */
	const char *const *choices; /* NULL-terminated */
	const char *about; /* one sentence, ends with a full stop */
};

struct conf_group {
	const struct conf_row *rows; /* ended by a row without name */
	void *into;
};

struct conf_source {
	const char *const *environ; /* "NAME=value", NULL-terminated */
	/* Reads a whole file into the arena; false when it cannot. */
	bool (*read_file)(const char *path, struct arena *arena, struct text *ret);
	const char *const *
		known; /* all names of the release, NULL-terminated; NULL: unknown names are not looked for */
	bool (*has_dir)(const char *path); /* NULL: folders are taken at their word */
};

/* Fills every group. Strings live in `arena`. False: `report` has a line for each error. */
bool conf_read(const struct conf_group *groups, const struct conf_source *source, struct arena *arena,
	struct buf *report);
/* NAME=value lines, secrets masked, with the default or "(not set)" told. */
void conf_print(const struct conf_group *groups, struct buf *out);
/* The rows as a Markdown table, for docs/configuration.md. */
void conf_document(const struct conf_group *groups, struct buf *out);

#endif
