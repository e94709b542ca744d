#include "dispatcher/probe_choice.h"

enum probe_worth probe_worth(const struct payment_row *row)
{
	if (!row->found || row->payment.rejected || !payment_can_ask(&row->payment, &row->state))
		return PROBE_WORTHLESS;
	switch (row->state.state) {
	case STATE_PENDING:
	case STATE_UNKNOWN:
	case STATE_UNRESOLVED:
		return PROBE_IN_DOUBT;
	case STATE_SUCCEEDED:
	case STATE_FAILED:
		return PROBE_SETTLED;
	case STATE_ACCEPTED:
	case STATE_RETRY:
	case STATE_SENDING:
	case STATE_CONFLICT:
		return PROBE_WORTHLESS;
	}
	must(false);
}

bool probe_is_better(const struct payment_row *row, const struct payment_row *than)
{
	const enum probe_worth worth = probe_worth(row);

	if (worth == PROBE_WORTHLESS || than == NULL || worth != probe_worth(than))
		return worth != PROBE_WORTHLESS && (than == NULL || worth > probe_worth(than));
	return uuid_cmp(&row->payment.id, &than->payment.id) > 0;
}
