#include "io/http_probe.h"

#include <curl/curl.h>
#include <string.h>

enum { TOTAL_MS = 10000, BODY_MOST = 65536, DATE_MOST = 64 };

struct taken {
	char body[BODY_MOST];
	size_t len;
	char date[DATE_MOST];
};

static size_t on_body(char *bytes, size_t size, size_t count, void *self)
{
	struct taken *taken = self;
	size_t len = size * count, room = sizeof(taken->body) - taken->len;

	memcpy(taken->body + taken->len, bytes, len < room ? len : room);
	taken->len += len < room ? len : room;
	return len;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *self)
{
	static const char name[] = "date:";
	struct taken *taken = self;
	struct text line = {bytes, size * count};
	struct buf date = BUF(taken->date);

	if (line.len > strlen(name) && text_same_nocase((struct text){bytes, strlen(name)}, text_of(name))) {
		struct text value = text_trim((struct text){bytes + strlen(name), line.len - strlen(name)});

		buf_add(&date, value.at, value.len);
		buf_end(&date);
	}
	return line.len;
}

static struct instant instant_of(const char *date)
{
	time_t seconds = date[0] != '\0' ? curl_getdate(date, NULL) : -1;

	return (struct instant){seconds > 0 ? (int64_t)seconds * 1000000 : 0};
}

static enum http_probe_how how(CURLcode code)
{
	switch ((int)code) {
	case CURLE_OK:
		return PROBE_ANSWERED;
	case CURLE_COULDNT_RESOLVE_HOST:
		return PROBE_NO_NAME;
	case CURLE_COULDNT_CONNECT:
		return PROBE_NO_CONNECTION;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
		return PROBE_NO_TLS;
	default:
		return PROBE_NO_ANSWER;
	}
}

/* The first certificate of the chain is the server's own. */
static struct instant certificate_ends(CURL *curl)
{
	static const char name[] = "Expire date:";
	struct curl_certinfo *info = NULL;

	if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &info) != CURLE_OK || info == NULL ||
		info->num_of_certs < 1)
		return (struct instant){0};
	for (const struct curl_slist *line = info->certinfo[0]; line != NULL; line = line->next)
		if (strncmp(line->data, name, strlen(name)) == 0)
			return instant_of(line->data + strlen(name));
	return (struct instant){0};
}

void http_probe(const char *method, const char *url, const char *user_password, struct arena *arena,
	struct http_probe *ret)
{
	struct taken *taken = arena_alloc(arena, sizeof(*taken));
	char trouble[CURL_ERROR_SIZE] = "";
	CURL *curl = curl_easy_init();
	long status = 0;
	CURLcode code;

	must(curl != NULL);
	taken->len = 0;
	taken->date[0] = '\0';
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)TOTAL_MS);
	curl_easy_setopt(curl, CURLOPT_CERTINFO, 1L);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, trouble);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, taken);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, taken);
	if (strcmp(method, "POST") == 0) {
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, 0L);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "");
	}
	if (user_password != NULL)
		curl_easy_setopt(curl, CURLOPT_USERPWD, user_password);
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	*ret = (struct http_probe){.how = how(code),
		.status = code == CURLE_OK ? (int)status : 0,
		.body = {taken->body, taken->len},
		.trouble = arena_string(arena,
			text_of(trouble[0] != '\0' || code == CURLE_OK ? trouble : curl_easy_strerror(code))),
		.date = instant_of(taken->date),
		.certificate_ends = certificate_ends(curl)};
	curl_easy_cleanup(curl);
}
