#include "base/fault.h"
#include "io/tls_inside.h"

#include <stdlib.h>
#include <string.h>

static int on_bio_read(BIO *bio, char *to, int room)
{
	struct tls_link *link = BIO_get_data(bio);
	size_t len = link->came.len < (size_t)room ? link->came.len : (size_t)room;

	BIO_clear_retry_flags(bio);
	if (len == 0) {
		BIO_set_retry_read(bio);
		return -1;
	}
	memcpy(to, link->came.at, len);
	link->came.at += len;
	link->came.len -= len;
	return (int)len;
}

static int on_bio_write(BIO *bio, const char *bytes, int count)
{
	struct tls_server *server = ((struct tls_link *)BIO_get_data(bio))->server;
	size_t len = (size_t)count;

	BIO_clear_retry_flags(bio);
	if (server->out_size - server->out_len < len) {
		server->out_size = 2 * (server->out_len + len);
		server->out = realloc(server->out, server->out_size);
		must(server->out != NULL);
	}
	memcpy(server->out + server->out_len, bytes, len);
	server->out_len += len;
	return count;
}

static long on_bio_control(BIO *bio, int what, long number, void *at)
{
	(void)bio;
	(void)number;
	(void)at;
	return what == BIO_CTRL_FLUSH || what == BIO_CTRL_PUSH || what == BIO_CTRL_POP;
}

static int on_bio_made(BIO *bio)
{
	BIO_set_init(bio, 1);
	return 1;
}

BIO_METHOD *tls_link_method(void)
{
	BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "link");

	must(method != NULL);
	BIO_meth_set_read(method, on_bio_read);
	BIO_meth_set_write(method, on_bio_write);
	BIO_meth_set_ctrl(method, on_bio_control);
	BIO_meth_set_create(method, on_bio_made);
	return method;
}

struct tls_link *tls_link_new(struct tls_server *server)
{
	struct tls_link *link = calloc(1, sizeof(*link));
	BIO *bio = BIO_new(server->method);

	must(link != NULL && bio != NULL);
	link->server = server;
	link->ssl = SSL_new(server->context);
	must(link->ssl != NULL);
	BIO_set_data(bio, link);
	SSL_set_bio(link->ssl, bio, bio);
	SSL_set_accept_state(link->ssl);
	return link;
}

void tls_link_free(struct tls_link **at)
{
	struct tls_link *link = *at;

	*at = NULL;
	if (link == NULL)
		return;
	SSL_free(link->ssl);
	free(link);
}

static enum tls_word word_of(struct tls_link *link, int got)
{
	int code = SSL_get_error(link->ssl, got);

	ERR_clear_error();
	if (code == SSL_ERROR_WANT_READ || code == SSL_ERROR_WANT_WRITE)
		return TLS_GOES_ON;
	if (code == SSL_ERROR_ZERO_RETURN)
		return TLS_ENDED;
	link->broken = true;
	return TLS_BROKEN;
}

enum tls_word tls_link_feed(struct tls_link *link, struct text came, char *plain, size_t *ret_len)
{
	int got;

	*ret_len = 0;
	link->server->out_len = 0;
	if (link->broken)
		return TLS_BROKEN;
	must(came.len <= TLS_CAME_MOST);
	link->came = came;
	ERR_clear_error();
	while (*ret_len < TLS_PLAIN_MOST) {
		got = SSL_read(link->ssl, plain + *ret_len, (int)(TLS_PLAIN_MOST - *ret_len));
		if (got <= 0)
			return word_of(link, got);
		*ret_len += (size_t)got;
	}
	must(link->came.len == 0);
	return TLS_GOES_ON;
}

bool tls_link_write(struct tls_link *link, struct text plain)
{
	link->server->out_len = 0;
	if (link->broken || plain.len == 0)
		return !link->broken;
	link->came = (struct text){0};
	ERR_clear_error();
	if (FAULT("tls.write", FAULT_FAILED) == 0 &&
		SSL_write(link->ssl, plain.at, (int)plain.len) == (int)plain.len)
		return true;
	ERR_clear_error();
	link->broken = true;
	return false;
}

void tls_link_finish(struct tls_link *link)
{
	link->server->out_len = 0;
	if (!link->broken && SSL_is_init_finished(link->ssl))
		SSL_shutdown(link->ssl);
	ERR_clear_error();
}

struct text tls_link_out(struct tls_link *link)
{
	struct text out = {(const char *)link->server->out, link->server->out_len};

	link->server->out_len = 0;
	return out;
}

bool tls_link_is_up(const struct tls_link *link)
{
	return SSL_is_init_finished(link->ssl);
}
