#include "darajasim/book.h"

#include <stdlib.h>
#include <string.h>

struct deal *deal_new(void)
{
	struct deal *deal = calloc(1, sizeof(*deal));

	must(deal != NULL);
	deal->about_status = "";
	return deal;
}

void deal_free(struct deal **deal)
{
	if (*deal == NULL)
		return;
	free((*deal)->originator);
	free((*deal)->url);
	free((*deal)->timeout_url);
	free((*deal)->echo);
	free(*deal);
	*deal = NULL;
}

/* Only one prompt fits on a phone; payouts do not lock it. */
static void lock_phone(struct book *book, struct deal *deal)
{
	if (deal->product == PRODUCT_STK_PUSH && book_prompt(book, deal->phone) == NULL)
		HASH_ADD_KEYPTR(by_lock, book->by_lock, deal->phone, strlen(deal->phone), deal);
}

void book_add(struct book *book, struct deal *deal)
{
	struct book_payment *payment = book_payment(book, deal->payment);

	HASH_ADD_KEYPTR(by_id, book->by_id, deal->id, strlen(deal->id), deal);
	if (deal->product != PRODUCT_STK_PUSH)
		HASH_ADD_KEYPTR(
			by_originator, book->by_originator, deal->originator, strlen(deal->originator), deal);
	lock_phone(book, deal);
	if (payment != NULL) {
		deal->next_of_payment = payment->deals;
		payment->deals = deal;
		payment->accepted++;
	}
	book->deals++;
	book->open++;
}

void book_end(struct book *book, struct deal *deal)
{
	if (book_prompt(book, deal->phone) == deal)
		HASH_DELETE(by_lock, book->by_lock, deal);
	if (deal->executed) {
		struct book_payment *payment = book_payment(book, deal->payment);

		HASH_ADD_KEYPTR(by_receipt, book->by_receipt, deal->receipt, strlen(deal->receipt), deal);
		if (payment != NULL)
			payment->executions++;
	}
	book->open--;
}

struct deal *book_by_id(const struct book *book, const char *id)
{
	struct deal *deal;

	HASH_FIND(by_id, book->by_id, id, strlen(id), deal);
	return deal;
}

struct deal *book_by_originator(const struct book *book, const char *id)
{
	struct deal *deal;

	HASH_FIND(by_originator, book->by_originator, id, strlen(id), deal);
	return deal;
}

struct deal *book_by_receipt(const struct book *book, const char *receipt)
{
	struct deal *deal;

	HASH_FIND(by_receipt, book->by_receipt, receipt, strlen(receipt), deal);
	return deal;
}

struct deal *book_prompt(const struct book *book, const char *phone)
{
	struct deal *deal;

	HASH_FIND(by_lock, book->by_lock, phone, strlen(phone), deal);
	return deal;
}

struct book_payment *book_payment_find(const struct book *book, const char *id)
{
	struct book_payment *payment;

	HASH_FIND_STR(book->payments, id, payment);
	return payment;
}

struct book_payment *book_payment(struct book *book, const char *id)
{
	struct book_payment *payment = book_payment_find(book, id);
	struct buf buf;

	if (payment != NULL || id[0] == '\0')
		return payment;
	payment = calloc(1, sizeof(*payment));
	must(payment != NULL);
	buf = BUF(payment->id);
	buf_str(&buf, id);
	buf_end(&buf);
	HASH_ADD_STR(book->payments, id, payment);
	return payment;
}

void book_done(struct book *book)
{
	struct book_payment *payment, *next_payment;
	struct deal *deal, *next;

	HASH_CLEAR(by_lock, book->by_lock);
	HASH_CLEAR(by_receipt, book->by_receipt);
	HASH_CLEAR(by_originator, book->by_originator);
	HASH_ITER (by_id, book->by_id, deal, next) {
		HASH_DELETE(by_id, book->by_id, deal);
		deal_free(&deal);
	}
	HASH_ITER (hh, book->payments, payment, next_payment) {
		HASH_DEL(book->payments, payment);
		free(payment);
	}
}
