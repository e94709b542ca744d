#include "core/details.h"

struct details details_none(void)
{
	return (struct details){.code = "", .text = "", .png = TEXT("")};
}

bool details_are_none(const struct details *details)
{
	return (details->code == NULL || details->code[0] == '\0') &&
	       (details->text == NULL || details->text[0] == '\0') && details->balance_count == 0 &&
	       details->charge_count == 0 && details->item_count == 0 && details->png.len == 0;
}
