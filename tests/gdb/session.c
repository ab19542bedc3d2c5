/* Debugged by run.py: functions, variables, output, an exit status, and with an argument a loop without end. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

volatile int answer = 42;
double ratio = 2.5;
char message[16] = "sum";

static int square(int n)
{
	int r = n * n;

	return r;
}

int main(int argc, char **argv)
{
	int sum = 0;

	for (int i = 1; i <= 3; i++)
		sum += square(i);
	printf("%s %d answer %d\n", message, sum, answer);
	fflush(stdout);
	if (argc > 1)
		for (;;)
			answer++;
	return answer;
}
