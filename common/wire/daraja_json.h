#ifndef WIRE_DARAJA_JSON_H
#define WIRE_DARAJA_JSON_H

#include "base/arena.h"
#include "core/amount.h"

#include <jansson.h>

/*
 * JSON as Daraja writes it: the same field is a number in one product and a string in the next, lists
 * of items come as an array or as their only item, keys come with spaces in them. For wire/daraja_*.c
 * alone: a json_t never leaves them. What cannot be read is none, never a guess.
 */
enum { DARAJA_ID_MOST = 128, DARAJA_CODE_MOST = 64, DARAJA_TEXT_MOST = 512 };

/* NULL for anything but one whole, valid object without doubled keys. Free with DARAJA_JSON. */
json_t *daraja_json_read(struct text body);
void daraja_json_drop(json_t **json);
#define DARAJA_JSON CLEANUP(daraja_json_drop)

/* The text of the object; frees it. False: it could not be built (NULL: json_pack refused). */
bool daraja_json_write(json_t *json, struct arena *arena, struct text *ret);

/* A member that is an object; NULL when it is not there or something else. `object` may be NULL. */
const json_t *daraja_json_object(const json_t *object, const char *name);

/* A string (trimmed) or a number as text, cut at `most` bytes between characters; none for all else. */
struct text daraja_json_text(const json_t *value, size_t most, struct arena *arena);
/* The first of the names (ended by NULL) whose text is not empty; none when there is no such. */
struct text daraja_json_member(
	const json_t *object, const char *const *names, size_t most, struct arena *arena);
/* The same for an id: visible ASCII of at most DARAJA_ID_MOST bytes, else "". */
const char *daraja_json_id(const json_t *object, const char *name, struct arena *arena);
const char *daraja_id_of(struct text text, struct arena *arena);

/*
 * The value of the item of that name in a list of {"Name": ..., "Value": ...} or {"Key": ...}: an array or one
 * object. Names compare without spaces and case. NULL: not there, or no Value, or an empty one. When the name comes
 * again with another value, *ret_doubled becomes true (it is never set to false).
 */
const json_t *daraja_item(const json_t *list, const char *name, bool *ret_doubled, struct arena *arena);

enum daraja_number { NUMBER_NOT_TOLD, NUMBER_READ, NUMBER_BAD };
/* An amount in shillings, as number or text. value may be NULL. */
enum daraja_number daraja_json_amount(const json_t *value, struct amount *ret);

#endif
