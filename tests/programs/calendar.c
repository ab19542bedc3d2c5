/* gmtime, mktime, strftime, strptime and difftime far back and far ahead.
 * @without hot
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void show(long seconds)
{
	time_t t = seconds;
	struct tm tm;
	char text[80];

	gmtime_r(&t, &tm);
	strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %a %j %U %G-W%V", &tm);
	printf("%ld %s", seconds, text);
	printf(" %ld\n", (long)timegm(&tm));
}

int main(void)
{
	struct tm tm = { .tm_year = 124, .tm_mon = 1, .tm_mday = 31, .tm_hour = 25, .tm_min = -5 };
	char text[80];
	const char *rest;

	for (long s = -2000000000; s < 2000000000; s += 163456789)
		show(s);
	show(951782400);
	show(2147483647);
	printf("%ld\n", (long)mktime(&tm));
	strftime(text, sizeof text, "%c|%x|%X|%p|%e", &tm);
	printf("%s\n", text);
	memset(&tm, 0, sizeof tm);
	rest = strptime("2001-09-09 01:46:40 tail", "%Y-%m-%d %T", &tm);
	printf("%s", rest ? rest : "none");
	printf(" %ld", (long)timegm(&tm));
	printf(" %d\n", tm.tm_wday);
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	for (long s = 1711846799; s < 1711846802; s++) {
		time_t t = s;

		strftime(text, sizeof text, "%F %T %Z %z", localtime(&t));
		printf("%s\n", text);
	}
	printf("%.0f\n", difftime(100, -100));
	return 0;
}
