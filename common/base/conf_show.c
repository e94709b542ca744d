#include "base/conf_value.h"

#include <string.h>

static void allowed_range(const struct conf_row *row, struct buf *out)
{
	if (row->least == 0 && row->most == 0)
		return;
	buf_str(out, " from ");
	if (row->type == CONF_MS)
		conf_ms_show(row->least, out);
	else
		buf_print(out, "%lld", (long long)row->least);
	if (row->most == INT64_MAX) {
		buf_str(out, " up");
		return;
	}
	buf_str(out, " to ");
	if (row->type == CONF_MS)
		conf_ms_show(row->most, out);
	else
		buf_print(out, "%lld", (long long)row->most);
}

void conf_value_allowed(const struct conf_row *row, struct buf *out)
{
	static const char *const words[] = {
		[CONF_STRING] = "text",
		[CONF_SECRET] = "a secret, here or in the file that the same name with _FILE gives",
		[CONF_INT] = "a whole number",
		[CONF_MS] = "a duration (250ms, 30s, 5m, 2h, 1d)",
		[CONF_BOOL] = "true or false",
		[CONF_CHOICE] = "one of",
		[CONF_SCALE] = "a number from 0.005 to 1",
		[CONF_ADDRESS] = "an address: 127.0.0.1:8080, [::1]:8080 or :8080",
		[CONF_FILE] = "a file that can be read",
		[CONF_DIR] = "a folder that is there",
		[CONF_URL] = "http:// or https://, a host, perhaps a port and a path",
	};

	buf_str(out, words[row->type]);
	if (row->type == CONF_INT || row->type == CONF_MS)
		allowed_range(row, out);
	if (row->type == CONF_CHOICE)
		for (int i = 0; row->choices[i] != NULL; i++)
			buf_print(out, "%s%s", i == 0 ? " " : ", ", row->choices[i]);
}

static void show_address(const struct conf_address *address, struct buf *out)
{
	if (address->host[0] == '\0')
		return;
	buf_print(
		out, strchr(address->host, ':') != NULL ? "[%s]:%u" : "%s:%u", address->host, address->port);
}

void conf_value_show(const struct conf_row *row, const void *into, struct buf *out)
{
	const void *place = (const char *)into + row->at;
	const char *string;

	switch (row->type) {
	case CONF_INT:
		buf_print(out, "%lld", (long long)*(const int64_t *)place);
		return;
	case CONF_MS:
		conf_ms_show(*(const int64_t *)place, out);
		return;
	case CONF_BOOL:
		buf_str(out, *(const bool *)place ? "true" : "false");
		return;
	case CONF_CHOICE:
		buf_str(out, row->choices[*(const int *)place]);
		return;
	case CONF_SCALE:
		buf_print(out, "%.6g", *(const double *)place);
		return;
	case CONF_ADDRESS:
		show_address(place, out);
		return;
	case CONF_STRING:
	case CONF_SECRET:
	case CONF_FILE:
	case CONF_DIR:
	case CONF_URL:
		string = *(const char *const *)place;
		if (string != NULL && string[0] != '\0')
			buf_str(out, row->type == CONF_SECRET ? "***" : string);
		return;
	}
}
