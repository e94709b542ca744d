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
bool command_tenant_is_well_formed(const char *tenant);

#endif
