/* Start and end of a process, which is all there is to it.
 * @group startup @size 1 @links static,dynamic
 */
#include <stdio.h>

int main(void)
{
	puts("hello");
	return 0;
}
