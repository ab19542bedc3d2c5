/* dragoman-ir: works out files of IR cases: reads, verifies, optimises, prints and runs units. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "opt/opt.h"
#include "tools/ir_case.h"
#include "tools/ir_exec.h"

static const char usage[] =
	"usage: dragoman-ir [--check] FILE...\n"
	"       dragoman-ir --help\n"
	"\n"
	"Works out the cases of each FILE ('-' is standard input) and prints them with their results.\n"
	"A case is a line '== COMMAND', IR text, a line '---' and what is expected.\n"
	"\n"
	"commands:\n"
	"  roundtrip     the text as the printer writes it\n"
	"  verify        the first error and its line, nothing when there is none\n"
	"  opt PASSES    the optimised text; PASSES is a list like 'fold,dead', or 'all'\n"
	"  run           nothing; for cases that only have run lines\n"
	"Each line 'run: INPUTS => RESULTS' of the expected part is executed, before and after\n"
	"optimising, by every executor (llvm if DGM_BACKEND_DIR names its folder). INPUTS and RESULTS are items like r3=0x1 or [0x100]=0badcafe;\n"
	"see doc/ir.md.\n"
	"\n"
	"  --check       print nothing but the first line of each file that came out differently, and\n"
	"                exit with status 1 if there is one; with DGM_BLESS=1 in the environment,\n"
	"                write the results into the files instead\n";

static void list_parts(void)
{
	fputs("\npasses:", stdout);
	for (const struct opt_pass *p = opt_pass; p->name; p++)
		printf(" %s", p->name);
	fputs("\nexecutors:", stdout);
	for (unsigned k = 0; k < EXEC_COUNT; k++)
		printf(" %s", exec_name[k]);
	fputc('\n', stdout);
}

static char *read_all(const char *name)
{
	FILE *in = strcmp(name, "-") ? fopen(name, "r") : stdin;
	char *text = NULL, buf[4096];
	size_t size, n;
	FILE *out = in ? open_memstream(&text, &size) : NULL;

	while (out && (n = fread(buf, 1, sizeof buf, in)))
		fwrite(buf, 1, n, out);
	if (!out)
		fprintf(stderr, "dragoman-ir: %s: %s\n", name, strerror(errno));
	else
		fclose(out);
	if (in && in != stdin)
		fclose(in);
	return text;
}

/* Where two texts part. */
static void report(const char *name, const char *want, const char *got)
{
	unsigned line = 1;
	size_t start = 0, i = 0;

	for (; want[i] && want[i] == got[i]; i++)
		if (want[i] == '\n') {
			line++;
			start = i + 1;
		}
	fprintf(stderr, "%s:%u:\n  expected: %.*s\n  is:       %.*s\n", name, line,
		(int)strcspn(want + start, "\n"), want + start, (int)strcspn(got + start, "\n"), got + start);
}

static bool bless(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");
	bool ok = f && fputs(text, f) >= 0;

	if (f && fclose(f))
		ok = false;
	if (!ok)
		fprintf(stderr, "dragoman-ir: %s: %s\n", name, strerror(errno));
	return ok;
}

static bool check(const char *name, const char *want, const char *got)
{
	const char *e = getenv("DGM_BLESS");

	if (!strcmp(want, got))
		return true;
	if (e && !strcmp(e, "1"))
		return bless(name, got);
	report(name, want, got);
	return false;
}

static bool work_on(const char *name, bool checking)
{
	char *text = read_all(name), *result = NULL;
	size_t n;
	FILE *out = text ? open_memstream(&result, &n) : NULL;
	bool ok = out && case_work_out(name, text, out);

	if (out)
		fclose(out);
	if (ok && checking)
		ok = check(name, text, result);
	else if (ok)
		fputs(result, stdout);
	free(result);
	free(text);
	return ok;
}

int main(int argc, char **argv)
{
	int first = 1;
	bool checking = false, ok = true;

	if (argc > 1 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		list_parts();
		return 0;
	}
	if (argc > 1 && !strcmp(argv[1], "--check")) {
		checking = true;
		first++;
	}
	if (first >= argc || (argv[first][0] == '-' && argv[first][1])) {
		fputs(usage, stderr);
		return 2;
	}
	for (int i = first; i < argc; i++)
		ok = work_on(argv[i], checking) && ok;
	return !ok;
}
