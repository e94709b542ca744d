#ifndef CORE_COMMAND_CHECK_H
#define CORE_COMMAND_CHECK_H

#include "core/command.h"

/* What the files of command_check() share; everybody else includes core/command.h. */

/* Fills the fault and returns false, so that a refusal is one line. */
bool command_refuse(struct command_fault *ret, const char *code, const char *field, const char *fmt, ...)
	PRINTF_LIKE(4, 5);
/* The operation's own fields, and whether the account can do it. */
bool command_check_operation(
	const struct command *command, const struct account *account, struct command_fault *ret);
/* Each field by its rule, in the table's order; `path` begins the name of the field that is told. */
bool command_check_fields(const struct command_fields *fields, const struct field_rule *rules,
	const char *path, struct command_fault *ret);
bool command_is_receipt(const char *value); /* 10 capital letters and digits, no placeholder */
bool command_is_date(const char *value); /* YYYY-MM-DD, and there is such a day */
bool command_tenant_is_well_formed(const char *tenant);

#endif
