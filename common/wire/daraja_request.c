#include "wire/daraja_request.h"

#include "base/base64.h"
#include "core/api.h"
#include "core/command.h"
#include "core/msisdn.h"
#include "wire/command_wire.h"
#include "wire/daraja_bill.h"
#include "wire/daraja_json.h"
#include "wire/daraja_words.h"

#include <string.h>

struct build {
	const struct daraja_request *request;
	struct arena *arena;
	struct command command; /* empty for a question */
	char timestamp[INSTANT_TEXT];
	struct err *err;
};

const char *daraja_password(const struct account *account, const char *timestamp, struct arena *arena)
{
	const char *plain = arena_print(arena, "%s%s%s", account->shortcode, account->passkey, timestamp);
	struct text text = text_of(plain);

	return base64_build(text.at, text.len, arena_alloc(arena, BASE64_SIZE(text.len)));
}

/* ---- what a word stands for; each returns false, with the error, for what must not be sent */

static bool broken(struct build *build, const char *text)
{
	return err_set(build->err, ERR_BROKEN, 0, "%s", text);
}

/* What is impossible after command_check, and would be paid to the wrong place or by the wrong amount if it were not. */
static bool say_amount(struct build *build, json_t **ret)
{
	const struct amount amount = build->request->payment->amount;

	if (!amount_is_whole(amount) || amount_shillings(amount) <= 0)
		return broken(build, "the amount is not a number of whole shillings");
	*ret = json_integer(amount_shillings(amount));
	return true;
}

static bool say_phone(struct build *build, const char *field, json_t **ret)
{
	const char *phone =
		field != NULL ? command_field(&build->command.fields, field) : build->request->payment->party;
	struct msisdn msisdn;

	if (!msisdn_parse(text_of(phone), &msisdn) ||
		(field == NULL && !text_is(text_of(phone), msisdn.digits)))
		return broken(build, "the payment's phone is not in its canonical form");
	*ret = json_string(msisdn.digits);
	return true;
}

static bool say_told(struct build *build, const char *what, const char *value, json_t **ret)
{
	if (value == NULL || value[0] == '\0')
		return err_set(build->err, ERR_BROKEN, 0, "%s is missing", what);
	*ret = json_string(value);
	return true;
}

static bool say_initiator(struct build *build, const char *value, json_t **ret)
{
	const struct account *account = build->request->account;

	if (account->initiator[0] == '\0' || account->security_credential[0] == '\0')
		return err_set(build->err, ERR_BROKEN, 0, "account %s has no initiator", account->name);
	*ret = json_string(value);
	return true;
}

static bool say_password(struct build *build, json_t **ret)
{
	const struct account *account = build->request->account;

	if (account->passkey[0] == '\0')
		return err_set(build->err, ERR_BROKEN, 0, "account %s has no passkey", account->name);
	*ret = json_string(daraja_password(account, build->timestamp, build->arena));
	return true;
}

static bool say_key(struct build *build, json_t **ret)
{
	const struct payment_state *state = build->request->state;
	char key[48];

	if (state->gen == 0)
		return broken(build, "the payment was not claimed: it has no generation");
	*ret = json_string(payment_provider_key(&build->request->payment->id, state->gen, key));
	return true;
}

static bool say_choice(struct build *build, const struct daraja_word *word, json_t **ret)
{
	const char *kind = command_field(&build->command.fields, word->what);

	for (const struct daraja_choice *choice = word->choices; choice->of != NULL; choice++)
		if (strcmp(choice->of, kind) == 0) {
			*ret = json_string(choice->is);
			return true;
		}
	return err_set(build->err, ERR_BROKEN, 0, "%s %s cannot be sent", word->what, kind);
}

/* A till is 2 in the field and 4 on the portal: the account says which. */
static bool say_receiver_type(struct build *build, const struct daraja_word *word, json_t **ret)
{
	if (build->request->account->till_as_4) {
		*ret = json_string("4");
		return true;
	}
	return say_choice(build, word, ret);
}

static bool say_field(struct build *build, const char *field, json_t **ret)
{
	return say_told(build, field, command_field(&build->command.fields, field), ret);
}

static bool say_date(struct build *build, const char *field, json_t **ret)
{
	const char *date = command_field(&build->command.fields, field);

	if (strlen(date) != 10)
		return err_set(build->err, ERR_BROKEN, 0, "%s is no date", field);
	*ret = json_string(arena_print(build->arena, "%.4s%.2s%.2s", date, date + 5, date + 8));
	return true;
}

static bool say_about(struct build *build, const char *what, const char *id, json_t **ret)
{
	if (id == NULL || id[0] == '\0')
		return err_set(build->err, ERR_REFUSED, 0, "there is no %s to ask by", what);
	*ret = json_string(id);
	return true;
}

static const char *or_else(const char *value, const char *other)
{
	return value[0] != '\0' ? value : other;
}

static bool say(struct build *build, const struct daraja_word *word, json_t **ret)
{
	const struct daraja_request *request = build->request;
	const struct account *account = request->account;
	const struct command_fields *fields = &build->command.fields;

	switch (word->says) {
	case SAYS_WORD:
		*ret = json_string(word->what);
		return true;
	case SAYS_FIELD:
	case SAYS_FIELD_IF_TOLD:
		return say_field(build, word->what, ret);
	case SAYS_FIELD_OR:
		*ret = json_string(or_else(command_field(fields, word->what), word->other));
		return true;
	case SAYS_FIELD_OR_SHORTCODE:
		*ret = json_string(or_else(command_field(fields, word->what), account->shortcode));
		return true;
	case SAYS_TILL_OR_SHORTCODE:
		if (strcmp(command_field(fields, "kind"), "BUY_GOODS") == 0)
			return say_field(build, "till", ret);
		*ret = json_string(account->shortcode);
		return true;
	case SAYS_CHOICE:
		return say_choice(build, word, ret);
	case SAYS_RECEIVER_TYPE:
		return say_receiver_type(build, word, ret);
	case SAYS_DATE:
		return say_date(build, word->what, ret);
	case SAYS_AMOUNT:
		return say_amount(build, ret);
	case SAYS_AMOUNT_OR_0:
		*ret = json_integer(amount_shillings(request->payment->amount));
		return true;
	case SAYS_PHONE:
	case SAYS_PHONE_IF_TOLD:
		return say_phone(build, word->what, ret);
	case SAYS_SHORTCODE:
		*ret = json_string(account->shortcode);
		return true;
	case SAYS_INITIATOR:
		return say_initiator(build, account->initiator, ret);
	case SAYS_CREDENTIAL:
		return say_initiator(build, account->security_credential, ret);
	case SAYS_PASSWORD:
		return say_password(build, ret);
	case SAYS_TIMESTAMP:
		*ret = json_string(build->timestamp);
		return true;
	case SAYS_KEY:
		return say_key(build, ret);
	case SAYS_RESULT_URL:
		return say_told(build, "a callback address", request->result_url, ret);
	case SAYS_TIMEOUT_URL:
		return say_told(build, "a callback address", request->timeout_url, ret);
	case SAYS_CONFIRMATION_URL:
		return say_told(build, "the confirmation address", request->confirmation_url, ret);
	case SAYS_VALIDATION_URL:
		return say_told(build, "the validation address", request->validation_url, ret);
	case SAYS_ABOUT_CHECKOUT:
		return say_about(build, "CheckoutRequestID", request->about.checkout, ret);
	case SAYS_ABOUT_RECEIPT:
	case SAYS_ABOUT_RECEIPT_ELSE:
		return say_about(build, "receipt", request->about.receipt, ret);
	case SAYS_ABOUT_CONVERSATION_IF_KNOWN:
		return say_about(build, "OriginatorConversationID", request->about.conversation, ret);
	}
	must(false);
}

/* A key that would be empty is left out: Daraja refuses it, or worse, answers without content. */
static bool is_left_out(const struct build *build, const struct daraja_word *word)
{
	const char *conversation = build->request->about.conversation;
	const bool known = conversation != NULL && conversation[0] != '\0';

	if (word->says == SAYS_FIELD_IF_TOLD || word->says == SAYS_PHONE_IF_TOLD)
		return command_field(&build->command.fields, word->what)[0] == '\0';
	if (word->says == SAYS_ABOUT_CONVERSATION_IF_KNOWN)
		return !known;
	return word->says == SAYS_ABOUT_RECEIPT_ELSE && known;
}

static bool build_object(struct build *build, const struct daraja_word *words, json_t **ret)
{
	json_t *object = json_object();

	for (const struct daraja_word *word = words; word->name != NULL; word++) {
		json_t *value = NULL;

		if (is_left_out(build, word))
			continue;
		if (!say(build, word, &value)) {
			daraja_json_drop(&object);
			return false;
		}
		if (object == NULL || json_object_set_new(object, word->name, value) != 0)
			daraja_json_drop(&object);
	}
	*ret = object;
	return true;
}

static bool read_command(struct build *build)
{
	const struct payment *payment = build->request->payment;

	if (build->request->api != payment->api)
		return true; /* a question: all that it needs is what it is about */
	if (!command_unpack_canonical(payment->command, build->arena, &build->command, build->err))
		return err_while(build->err, "reading the payment's command");
	return true;
}

bool daraja_request_build(
	const struct daraja_request *request, struct arena *arena, struct text *ret_body, struct err *err)
{
	const struct daraja_word *words = daraja_words(request->api);
	struct build build = {.request = request, .arena = arena, .err = err};
	json_t *json = NULL;

	if (words == NULL && !daraja_is_bill(request->api))
		return err_set(
			err, ERR_BROKEN, 0, "no request of this api (%d) can be built", (int)request->api);
	instant_eat(request->now, build.timestamp);
	if (!read_command(&build))
		return false;
	if (words == NULL)
		json = daraja_bill_build(request, &build.command.fields, arena, err);
	if (words == NULL ? json == NULL : !build_object(&build, words, &json))
		return false;
	if (!daraja_json_write(json, arena, ret_body))
		return err_set(err, ERR_BROKEN, 0, "the request holds what JSON cannot carry");
	return true;
}
