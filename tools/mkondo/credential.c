#include "mkondo/mkondo.h"

#include "io/clock.h"
#include "io/credential.h"
#include "io/file.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/*
 * The SecurityCredential, for who keeps it ready instead of the password. The password comes from a file or from standard input, and
 * never from the command line, where everybody on the machine could read it. The credential alone goes to standard output.
 */
static const char usage[] = "credential --certificate FILE [--password-file FILE]";
enum { CERTIFICATE_MOST = 65536, PASSWORD_MOST = 1024 };

static struct text without_end(struct text text)
{
	while (text.len > 0 && (text.at[text.len - 1] == '\n' || text.at[text.len - 1] == '\r'))
		text.len--;
	return text;
}

/* A line; a person's does not appear on the screen. */
static bool read_line(char *line, size_t most, struct text *ret)
{
	struct termios before, silent;
	const bool person = tcgetattr(STDIN_FILENO, &before) == 0;
	bool got;

	if (person) {
		silent = before;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		fputs("Initiator's password: ", stderr);
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	}
	got = fgets(line, (int)most, stdin) != NULL;
	if (person) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		fputc('\n', stderr);
	}
	*ret = got ? without_end(text_of(line)) : (struct text){"", 0};
	return got;
}

static void tell_certificate(const struct certificate_facts *facts)
{
	char until[INSTANT_TEXT];
	const bool over = instant_before(facts->until, clock_wall());

	fprintf(stderr, "certificate: %s; RSA, %d bits; %s %.10s%s\n", facts->subject, facts->bits,
		over ? "ended" : "until", instant_iso(facts->until, until),
		over ? " (Safaricom's have; only the key counts)" : "");
}

int tool_credential(struct tool *tool)
{
	const char *certificate_path = NULL, *password_path = NULL, *credential;
	struct text certificate, password;
	struct certificate_facts facts;
	char line[PASSWORD_MOST];
	struct err err;

	for (int i = 0; i < tool->argc;)
		if (!tool_option(tool, &i, "--certificate", &certificate_path) &&
			!tool_option(tool, &i, "--password-file", &password_path))
			return tool_usage(usage);
	if (certificate_path == NULL)
		return tool_usage(usage);
	if (!file_read(certificate_path, CERTIFICATE_MOST, &tool->arena, &certificate, &err) ||
		!credential_certificate(certificate, &tool->arena, &facts, &err))
		return tool_failed(&err);
	tell_certificate(&facts);
	if (password_path != NULL) {
		if (!file_read(password_path, PASSWORD_MOST, &tool->arena, &password, &err))
			return tool_failed(&err);
		password = without_end(password);
	} else {
		read_line(line, sizeof(line), &password);
	}
	if (!credential_build(certificate, password, &tool->arena, &credential, &err))
		return tool_failed(&err);
	printf("%s\n", credential);
	explicit_bzero(line, sizeof(line));
	return 0;
}
