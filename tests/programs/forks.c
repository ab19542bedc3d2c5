/* Forks in a row, each child working a little: memory stays as it was. Takes the number of forks as argument.
 * @args 300
 * @without tight
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static long resident(void)
{
	char line[256];
	long kib = 0;
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof line, f))
		sscanf(line, "VmRSS: %ld", &kib);
	if (f)
		fclose(f);
	return kib;
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 10, bad = 0;
	long before = 0;

	for (int i = 0; i < n; i++) {
		pid_t pid;
		int status;

		if (i == n / 10)
			before = resident();
		pid = fork();
		if (!pid) {
			char *p = malloc(10000);

			memset(p, i, 10000);
			_exit(p[9999] == (char)i ? i % 100 : 101);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) != i % 100)
			bad++;
	}
	printf("%d forks, bad %d, grown %d\n", n, bad, resident() > before + 4096);
	return 0;
}
