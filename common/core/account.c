#include "core/account.h"

bool account_serves(const struct account *account, struct text tenant)
{
	if (account->tenants == NULL || account->tenants[0] == NULL)
		return true;
	for (const char *const *at = account->tenants; *at != NULL; at++)
		if (text_is(tenant, *at))
			return true;
	return false;
}
