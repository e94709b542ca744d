#include "core/command.h"

#include <string.h>

const struct command_field *command_field_find(const struct command_fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->count; i++)
		if (strcmp(fields->at[i].name, name) == 0)
			return &fields->at[i];
	return NULL;
}

const char *command_field(const struct command_fields *fields, const char *name)
{
	const struct command_field *field = command_field_find(fields, name);

	return field != NULL ? field->text : "";
}

int64_t command_field_number(const struct command_fields *fields, const char *name)
{
	int64_t number;

	return text_to_int64(text_of(command_field(fields, name)), &number) ? number : 0;
}
