#include "webhook/c2b.h"

bool c2b_visit_find(struct text method, struct text target, const struct c2b_book *book, const char *prefix,
	struct c2b_visit *ret)
{
	struct text secret;
	enum c2b_door door;

	if (!c2b_path_parse(prefix, target, &secret, &door))
		return false;
	*ret = (struct c2b_visit){.door = door, .account = c2b_book_find(book, secret)};
	if (ret->account == NULL)
		ret->refuse = 404;
	else if (!text_is(method, "POST"))
		ret->refuse = 405;
	return true;
}
