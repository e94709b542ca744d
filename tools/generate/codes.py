#!/usr/bin/env python3
"""codes.csv -> the C table that core/codes.c searches.

usage: codes.py <codes.csv> <codes_table.c>

Refuses a row that the search could not make sense of: an unknown class, a missing column, an http field
that is neither a number nor a range. An empty source is refused too: each row says who knows it.
"""
import csv
import os
import sys

COLUMNS = ["where", "family", "http", "code", "message", "class", "counted", "pace", "retryable", "who",
	"meaning", "advice", "source"]
CLASSES = {
	"sync": {"TAKEN", "PUT_OFF", "TURNED_DOWN", "NO_WORD", "DUPLICATE", "TOKEN", "CONFIG", "PENDING",
		"FOUND_NOTHING"},
	"result": {"PAID", "FINAL", "DOUBT", "OPEN"},
	"status": {"PAID", "FINAL", "DOUBT", "OPEN"},
	"reply": {"ACCEPT", "REJECT"},
}
PACES = {"-": "PACE_KEEP", "slow": "PACE_SLOW", "quota": "PACE_QUOTA"}
WHO = {"-", "customer", "funds", "limit", "config", "provider"}


def c_string(text):
	out = []
	for byte in text.encode("utf-8"):
		if byte in b'"\\?':
			out.append("\\" + chr(byte))
		elif 32 <= byte < 127:
			out.append(chr(byte))
		else:
			out.append("\\%03o" % byte)
	return '"' + "".join(out) + '"'


def http_range(text):
	if text in ("*", "-"):
		return 0, 999
	if len(text) == 3 and text[0].isdigit() and text[1:] == "xx":
		return int(text[0]) * 100, int(text[0]) * 100 + 99
	if text.isascii() and text.isdigit() and int(text) <= 999:
		return int(text), int(text)
	raise ValueError("http %r is neither a number, a range such as 4xx, * nor -" % text)


def flag(name, text):
	if text not in ("yes", "no", "-"):
		raise ValueError("%s %r is neither yes, no nor -" % (name, text))
	return "true" if text == "yes" else "false"


def pattern(text):
	return c_string("*" if text == "-" else text)


def c_row(row):
	if row["where"] not in CLASSES:
		raise ValueError("where %r is none of %s" % (row["where"], ", ".join(CLASSES)))
	if row["class"] not in CLASSES[row["where"]]:
		raise ValueError("class %r does not occur in %r rows" % (row["class"], row["where"]))
	if row["who"] not in WHO:
		raise ValueError("who %r is none of %s" % (row["who"], ", ".join(sorted(WHO))))
	if row["pace"] not in PACES:
		raise ValueError("pace %r is none of %s" % (row["pace"], ", ".join(sorted(PACES))))
	for name in ("family", "code", "message", "meaning", "source"):
		if not row[name]:
			raise ValueError("%s is empty" % name)
	least, most = http_range(row["http"])
	fields = [
		"WHERE_" + row["where"].upper(), c_string(row["family"]), str(least), str(most),
		pattern(row["code"]), pattern(row["message"]), "CODE_" + row["class"],
		flag("counted", row["counted"]), PACES[row["pace"]], flag("retryable", row["retryable"]),
		c_string("" if row["who"] == "-" else row["who"]),
		c_string(row["meaning"]), c_string("" if row["advice"] == "-" else row["advice"]),
		c_string(row["source"]),
	]
	return "\t{ %s },\n" % ", ".join(fields)


def read_rows(path):
	with open(path, newline="", encoding="utf-8") as file:
		reader = csv.reader(file, strict=True)
		if next(reader) != COLUMNS:
			raise ValueError("line 1: the columns must be " + ",".join(COLUMNS))
		for cells in reader:
			if len(cells) != len(COLUMNS):
				raise ValueError("line %d: %d columns" % (reader.line_num, len(cells)))
			yield reader.line_num, dict(zip(COLUMNS, cells))


def build(path):
	out = ["/* Made by tools/generate/codes.py from common/core/codes.csv. */\n",
		'#include "core/codes_table.h"\n\n', "const struct code_row codes_table[] = {\n"]
	for line, row in read_rows(path):
		try:
			out.append(c_row(row))
		except ValueError as error:
			raise ValueError("line %d: %s" % (line, error)) from None
	out.append("};\nconst size_t codes_table_count = sizeof(codes_table) / sizeof(codes_table[0]);\n")
	return "".join(out)


def main():
	if len(sys.argv) != 3:
		sys.exit(__doc__)
	try:
		text = build(sys.argv[1])
	except (OSError, ValueError, csv.Error) as error:
		sys.exit("%s: %s" % (sys.argv[1], error))
	with open(sys.argv[2] + ".new", "w", encoding="ascii") as file:
		file.write(text)
	os.replace(sys.argv[2] + ".new", sys.argv[2])


if __name__ == "__main__":
	main()
