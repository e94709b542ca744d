#include "mkondo/result_check.h"

#include "base/attr.h"
#include "base/digest.h"

#include <stdlib.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct version {
	unsigned number;
	struct digest value, event_id, encoding, meaning;
};

struct told {
	struct uuid id;
	unsigned highest;
	enum outcome outcome; /* of the highest */
	struct version *versions;
	size_t count;
	UT_hash_handle hh;
};

struct result_check {
	struct told *ids;
};

struct result_check *result_check_new(void)
{
	struct result_check *check = calloc(1, sizeof(*check));

	must(check != NULL);
	return check;
}

static void forget(struct result_check *check, struct told *told)
{
	HASH_DEL(check->ids, told);
	free(told->versions);
	free(told);
}

void result_check_free(struct result_check **check)
{
	if (*check == NULL)
		return;
	while ((*check)->ids != NULL)
		forget(*check, (*check)->ids);
	free(*check);
	*check = NULL;
}

size_t result_check_payments(const struct result_check *check)
{
	return HASH_COUNT(check->ids);
}

static struct told *find(struct result_check *check, const struct result_seen *seen)
{
	struct told *told = NULL;

	HASH_FIND(hh, check->ids, &seen->id, sizeof(seen->id), told);
	if (told != NULL)
		return told;
	told = calloc(1, sizeof(*told));
	must(told != NULL);
	*told = (struct told){.id = seen->id, .highest = seen->version, .outcome = seen->outcome};
	HASH_ADD(hh, check->ids, id, sizeof(told->id), told);
	must(told->hh.tbl != NULL);
	return told;
}

/* The first record of a version is what later ones are held against. NULL: this is the first. */
static const struct version *find_version(struct told *told, const struct result_seen *seen)
{
	for (size_t i = 0; i < told->count; i++)
		if (told->versions[i].number == seen->version)
			return &told->versions[i];
	told->versions = realloc(told->versions, (told->count + 1) * sizeof(*told->versions));
	must(told->versions != NULL);
	told->versions[told->count++] = (struct version){.number = seen->version,
		.value = sha256(seen->value),
		.event_id = sha256(seen->event_id),
		.encoding = sha256(seen->encoding),
		.meaning = sha256(seen->meaning)};
	return NULL;
}

static bool is_digest_of(const struct digest *digest, struct text bytes)
{
	const struct digest own = sha256(bytes);

	return digest_same(digest->b, own.b, DIGEST_SIZE);
}

static bool is_final(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_REJECTED:
	case OUTCOME_SUCCEEDED:
	case OUTCOME_FAILED:
		return true;
	case OUTCOME_ACCEPTED:
	case OUTCOME_UNRESOLVED:
	case OUTCOME_CONFLICT:
		return false;
	}
	return false; /* a number that the contract does not know promises nothing */
}

/* Who changes the encoding has results told again in other bytes; they must still say the same. */
static unsigned compare(const struct version *before, const struct result_seen *seen)
{
	unsigned faults = 0;

	if (is_digest_of(&before->encoding, seen->encoding))
		faults |= is_digest_of(&before->value, seen->value) ? 0 : RESULT_OTHER_BYTES;
	else
		faults |= is_digest_of(&before->meaning, seen->meaning) ? 0 : RESULT_OTHER_MEANING;
	if (!is_digest_of(&before->event_id, seen->event_id))
		faults |= RESULT_OTHER_EVENT_ID;
	return faults;
}

struct result_verdict result_check_add(struct result_check *check, const struct result_seen *seen)
{
	struct told *told = find(check, seen);
	const struct version *before = find_version(told, seen);
	struct result_verdict verdict = {.highest = told->highest, .outcome = told->outcome};
	const bool lower = seen->version < told->highest;

	if (before != NULL)
		verdict.faults = compare(before, seen);
	if (lower && seen->version == 0)
		verdict.faults |= RESULT_LATE_ACCEPTED;
	else if (lower && (before == NULL || (verdict.faults & ~(unsigned)RESULT_OTHER_EVENT_ID) != 0))
		verdict.faults |= RESULT_REGRESSED;
	if (seen->version <= told->highest)
		return verdict;
	if (is_final(told->outcome) && seen->outcome != told->outcome && seen->outcome != OUTCOME_CONFLICT)
		verdict.faults |= RESULT_NOT_FINAL;
	told->highest = seen->version;
	told->outcome = seen->outcome;
	return verdict;
}

const char *result_fault_text(enum result_fault fault)
{
	switch (fault) {
	case RESULT_REGRESSED:
		return "a lower version that was never told before, or not so, behind a higher one";
	case RESULT_OTHER_BYTES:
		return "the same version with other bytes than before";
	case RESULT_OTHER_MEANING:
		return "the same version says something else in another encoding";
	case RESULT_OTHER_EVENT_ID:
		return "the same version with another ce_id than before";
	case RESULT_NOT_FINAL:
		return "a final outcome was taken back";
	case RESULT_LATE_ACCEPTED:
		return "ACCEPTED behind a higher version";
	}
	return "";
}
