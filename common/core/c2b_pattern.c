#include "core/c2b_pattern.h"

#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_letter(char c)
{
	return upper(c) >= 'A' && upper(c) <= 'Z';
}

/* Up to three digits; the number of characters, 0: none. */
static size_t take_number(struct text text, unsigned *ret)
{
	size_t len = 0;
	unsigned number = 0;

	while (len < text.len && len < 3 && is_digit(text.at[len]))
		number = number * 10 + (unsigned)(text.at[len++] - '0');
	*ret = number;
	return number <= C2B_REFERENCE_MOST ? len : 0;
}

static struct text behind(struct text text, size_t len)
{
	return (struct text){text.at + len, text.len - len};
}

/* "{n}" or "{n,m}" from the front of `rest`. */
static bool take_count(struct text *rest, struct c2b_element *element)
{
	unsigned least, most;
	size_t len;

	*rest = behind(*rest, 1);
	len = take_number(*rest, &least);
	if (len == 0)
		return false;
	*rest = behind(*rest, len);
	most = least;
	if (rest->len > 0 && rest->at[0] == ',') {
		*rest = behind(*rest, 1);
		len = take_number(*rest, &most);
		if (len == 0)
			return false;
		*rest = behind(*rest, len);
	}
	if (rest->len == 0 || rest->at[0] != '}' || most < least || most == 0)
		return false;
	*rest = behind(*rest, 1);
	element->least = (unsigned char)least;
	element->most = (unsigned char)most;
	return true;
}

static bool take_element(char c, struct c2b_element *ret)
{
	*ret = (struct c2b_element){.kind = c, .least = 1, .most = 1};
	if (c == '*')
		*ret = (struct c2b_element){.kind = '?', .least = 0, .most = C2B_REFERENCE_MOST};
	else if (is_letter(c) || is_digit(c) || strchr(" -_./", c) != NULL)
		*ret = (struct c2b_element){.kind = 'c', .c = upper(c), .least = 1, .most = 1};
	else if (strchr("#@?|", c) == NULL)
		return false;
	return true;
}

bool c2b_pattern_parse(struct text text, struct c2b_pattern *ret)
{
	struct c2b_pattern pattern = {.count = 0};

	while (text.len > 0) {
		const char sign = text.at[0];
		struct c2b_element *element = &pattern.elements[pattern.count];

		if (pattern.count == C2B_PATTERN_MOST || sign == '\0' || !take_element(sign, element))
			return false;
		text = behind(text, 1);
		pattern.count++;
		if (text.len > 0 && text.at[0] == '{' &&
			(sign == '|' || sign == '*' || !take_count(&text, element)))
			return false;
	}
	if (pattern.count == 0)
		return false;
	*ret = pattern;
	return true;
}

static bool fits(const struct c2b_element *element, char c)
{
	switch (element->kind) {
	case '#':
		return is_digit(c);
	case '@':
		return is_letter(c);
	case '?':
		return true;
	}
	return upper(c) == element->c;
}

/* From each place that was reached, to those that the element leads to. */
static void step(const struct c2b_element *element, struct text text, bool reached[C2B_REFERENCE_MOST + 1])
{
	bool next[C2B_REFERENCE_MOST + 1] = {false};

	for (size_t from = 0; from <= text.len; from++) {
		size_t at = from;

		for (unsigned times = 0; reached[from] && times <= element->most; times++, at++) {
			if (times >= element->least)
				next[at] = true;
			if (at == text.len || !fits(element, text.at[at]))
				break;
		}
	}
	memcpy(reached, next, sizeof(next));
}

bool c2b_pattern_match(const struct c2b_pattern *pattern, struct text reference)
{
	bool reached[C2B_REFERENCE_MOST + 1] = {true};

	if (pattern->count == 0)
		return true;
	if (reference.len > C2B_REFERENCE_MOST)
		return false;
	for (unsigned i = 0; i < pattern->count; i++) {
		if (pattern->elements[i].kind != '|') {
			step(&pattern->elements[i], reference, reached);
			continue;
		}
		if (reached[reference.len])
			return true;
		memset(reached, 0, sizeof(reached));
		reached[0] = true;
	}
	return reached[reference.len];
}
