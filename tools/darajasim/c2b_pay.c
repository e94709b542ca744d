#include "darajasim/c2b_notice.h"
#include "darajasim/call.h"
#include "darajasim/draw.h"

#include "io/clock.h"

#include <stdlib.h>
#include <string.h>

/* A customer's payment, simulated or by hand, and its notices. */

enum { VALIDATE_MS = 8000, NOTICE_MOST = 2048, TIMES_MOST = 100 };

static const struct field_row simulate_rows[] = {
	{"ShortCode", FIELD_SHORTCODE},
	{"CommandID", FIELD_WORD, .words = "CustomerPayBillOnline CustomerBuyGoodsOnline"},
	{"Amount", FIELD_AMOUNT, false, 1, 250000},
	{"Msisdn", FIELD_PHONE},
	{"BillRefNumber", FIELD_TEXT, true, 0, 20},
	{NULL},
};

const struct field_row *c2b_simulate_rows(void)
{
	return simulate_rows;
}

struct notice {
	struct sim *sim;
	const struct c2b_address *address;
	bool confirmation, validated_only;
	bool is_new; /* the money moves by this; else it has moved */
	bool goods;
	unsigned times; /* confirmations still to go */
	uint64_t luck;
	int64_t shillings;
	struct instant at;
	struct mono since;
	char phone[16], bill_reference[64], receipt[64], third_party[64], source[46];
	char *body;
};

static void write_notice(const struct notice *notice, const char *kind)
{
	struct ledger *ledger = notice->sim->ledger;

	ledger_begin(ledger, clock_wall(), kind);
	ledger_text(ledger, "api", "c2b");
	ledger_text(ledger, "receipt", notice->receipt);
	ledger_text(ledger, "shortcode", notice->address->shortcode);
	ledger_text(ledger, "reference", notice->bill_reference);
	ledger_text(ledger, "phone", notice->phone);
	ledger_number(ledger, "shillings", notice->shillings);
	ledger_text(ledger, "says", notice->confirmation ? "confirmation" : "validation");
}

static void free_notice(struct notice *notice)
{
	free(notice->body);
	free(notice);
}

static void send_notice(struct notice *notice);

static void confirm(struct notice *notice)
{
	if (notice->is_new) {
		write_notice(notice, "executed");
		ledger_end(notice->sim->ledger);
	}
	notice->is_new = false;
	notice->confirmation = true;
	send_notice(notice);
}

/* Whether the payment goes on: what was said in time, or what the registration says for silence. */
static bool goes_on(struct notice *notice, int http, char code[16])
{
	struct text bytes = poster_answer(notice->sim->poster);
	json_t *answer = json_loadb(bytes.at != NULL ? bytes.at : "", bytes.len, 0, NULL);
	bool late = mono_ms_between(notice->since, clock_mono()) > VALIDATE_MS;

	code[0] = '\0';
	fields_text(answer, "ThirdPartyTransID", notice->third_party, sizeof(notice->third_party));
	if (http == 200 && !late)
		fields_text(answer, "ResultCode", code, 16);
	json_decref(answer);
	return code[0] != '\0' ? strcmp(code, "0") == 0 : !notice->address->cancels;
}

static void on_told(void *self, int http, const char *trouble)
{
	struct notice *notice = self;
	char code[16] = "";
	bool on = notice->confirmation || goes_on(notice, http, code);

	write_notice(notice, "callback_answer");
	ledger_number(notice->sim->ledger, "http", http);
	ledger_text(notice->sim->ledger, "code", code);
	ledger_text(notice->sim->ledger, "trouble", trouble);
	ledger_end(notice->sim->ledger);
	if (!on) {
		write_notice(notice, "refused");
		ledger_text(notice->sim->ledger, "result", code);
		ledger_end(notice->sim->ledger);
	}
	if (notice->sim->ending || !on || notice->validated_only || notice->times == 0)
		free_notice(notice);
	else
		confirm(notice);
}

static void on_written(void *self, bool over)
{
	struct notice *notice = self;

	if (over) {
		free_notice(notice);
		return;
	}
	notice->since = clock_mono();
	poster_send(notice->sim->poster,
		notice->confirmation ? notice->address->confirmation : notice->address->validation,
		text_of(notice->body), notice->source, on_told, notice);
}

static void send_notice(struct notice *notice)
{
	const struct c2b_told told = {.old_version = notice->address->old_version,
		.goods = notice->goods,
		.confirmation = notice->confirmation,
		.luck = notice->luck,
		.shillings = notice->shillings,
		.balance = 49000 + notice->shillings,
		.receipt = notice->receipt,
		.shortcode = notice->address->shortcode,
		.bill_reference = notice->bill_reference,
		.phone = notice->phone,
		.third_party = notice->third_party,
		.at = notice->at};
	struct buf out = {.at = malloc(NOTICE_MOST), .cap = NOTICE_MOST};

	must(out.at != NULL);
	c2b_notice_build(&told, &out);
	must(!out.full);
	buf_end(&out);
	free(notice->body);
	notice->body = out.at;
	notice->times -= notice->confirmation;
	write_notice(notice, "callback");
	ledger_text(notice->sim->ledger, "source", notice->source);
	ledger_end(notice->sim->ledger);
	outbox_add(&notice->sim->outbox, on_written, notice);
}

static struct notice *notice_new(struct sim *sim, const struct c2b_address *address, uint64_t number)
{
	struct notice *notice = calloc(1, sizeof(*notice));
	struct buf source;

	must(notice != NULL);
	notice->sim = sim;
	notice->address = address;
	notice->luck = draw(sim->options.seed, number, DRAW_SHAPE);
	notice->at = clock_wall();
	notice->times = 1;
	source = BUF(notice->source);
	buf_str(&source, sim->options.callback_source);
	buf_end(&source);
	return notice;
}

/* The receipt is given before anybody was asked: the validation tells it too. */
static void give_receipt(struct notice *notice)
{
	notice->is_new = true;
	ids_receipt(notice->sim->options.seed, ++notice->sim->executions, notice->at, notice->receipt);
}

void c2b_simulate_serve(struct call *call)
{
	char shortcode[16], command[32], reference[64];
	const struct c2b_address *address;
	struct notice *notice;
	bool goods;

	fields_text(call->body, "ShortCode", shortcode, sizeof(shortcode));
	goods = strcmp(fields_text(call->body, "CommandID", command, sizeof(command)),
			"CustomerBuyGoodsOnline") == 0;
	fields_text(call->body, "BillRefNumber", reference, sizeof(reference));
	if (goods != (reference[0] == '\0')) {
		call_refused_field(call, "BillRefNumber");
		return;
	}
	address = c2b_find(&call->sim->c2b, shortcode);
	if (address != NULL) {
		notice = notice_new(call->sim, address, call->number);
		notice->goods = goods;
		notice->shillings = call->shillings;
		memcpy(notice->phone, call->phone, sizeof(notice->phone));
		memcpy(notice->bill_reference, reference, sizeof(notice->bill_reference));
		give_receipt(notice);
		send_notice(notice);
	}
	c2b_say_good(call, "Accept the service request successfully.");
}

const char *c2b_pay(struct sim *sim, const json_t *body)
{
	const struct c2b_address *address;
	char shortcode[16], only[16], source[46];
	int64_t times = json_integer_value(json_object_get(body, "times"));
	struct notice *notice;

	if (json_is_boolean(json_object_get(body, "once"))) {
		sim->c2b.once = json_is_true(json_object_get(body, "once"));
		return NULL;
	}
	address = c2b_find(&sim->c2b, fields_text(body, "shortcode", shortcode, sizeof(shortcode)));
	if (address == NULL)
		return "no addresses are registered for this shortcode";
	if (times < 0 || times > TIMES_MOST)
		return "\"times\" is out of range";
	notice = notice_new(sim, address, ++sim->requests);
	notice->shillings = json_integer_value(json_object_get(body, "shillings"));
	fields_text(body, "phone", notice->phone, sizeof(notice->phone));
	fields_text(body, "bill_reference", notice->bill_reference, sizeof(notice->bill_reference));
	fields_text(body, "receipt", notice->receipt, sizeof(notice->receipt));
	fields_text(body, "only", only, sizeof(only));
	if (strlen(notice->phone) != 12 || notice->shillings <= 0) {
		free_notice(notice);
		return "\"phone\" has 12 digits, \"shillings\" are 1 or more";
	}
	if (fields_text(body, "source", source, sizeof(source))[0] != '\0')
		memcpy(notice->source, source, sizeof(notice->source));
	notice->goods = notice->bill_reference[0] == '\0';
	notice->times = times == 0 ? 1 : (unsigned)times;
	notice->validated_only = strcmp(only, "validation") == 0;
	if (notice->receipt[0] == '\0')
		give_receipt(notice);
	if (strcmp(only, "confirmation") == 0)
		confirm(notice);
	else
		send_notice(notice);
	return NULL;
}
