#include "base/conf_value.h"

static const struct {
	const char *name;
	int64_t ms;
} units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

void conf_ms_show(int64_t ms, struct buf *out)
{
	size_t i = 0;

	if (ms == 0) {
		buf_str(out, "0s");
		return;
	}
	while (ms % units[i].ms != 0)
		i++;
	buf_print(out, "%lld%s", (long long)(ms / units[i].ms), units[i].name);
}

bool conf_ms_parse(struct text text, int64_t *ret)
{
	size_t digits = 0;
	int64_t n;

	if (text_is(text, "0")) {
		*ret = 0;
		return true;
	}
	while (digits < text.len && text.at[digits] >= '0' && text.at[digits] <= '9')
		digits++;
	if (!text_to_int64((struct text){text.at, digits}, &n))
		return false;
	for (size_t i = 0; i < COUNT_OF(units); i++)
		if (text_is((struct text){text.at + digits, text.len - digits}, units[i].name))
			return !__builtin_mul_overflow(n, units[i].ms, ret);
	return false;
}
