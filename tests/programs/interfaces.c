/* The network interfaces and their addresses, which come as netlink messages.
 * @without hot
 */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int main(void)
{
	struct ifaddrs *list, *i;
	struct if_nameindex *names;
	int loop = 0, packets = 0, n = 0;

	if (getifaddrs(&list)) {
		perror("getifaddrs");
		return 1;
	}
	for (i = list; i; i = i->ifa_next) {
		char text[64] = "";

		if (!i->ifa_addr || strcmp(i->ifa_name, "lo"))
			continue;
		if (i->ifa_addr->sa_family == AF_INET) {
			inet_ntop(AF_INET, &((struct sockaddr_in *)i->ifa_addr)->sin_addr, text, sizeof text);
			loop += !strcmp(text, "127.0.0.1") && i->ifa_flags & IFF_LOOPBACK;
			inet_ntop(AF_INET, &((struct sockaddr_in *)i->ifa_netmask)->sin_addr, text, sizeof text);
			printf("%s\n", text);
		}
		packets += i->ifa_addr->sa_family == AF_PACKET && i->ifa_data;
	}
	freeifaddrs(list);
	printf("%d %d\n", loop, packets);
	names = if_nameindex();
	for (struct if_nameindex *k = names; k && k->if_index; k++)
		n += k->if_index == if_nametoindex(k->if_name);
	printf("%d\n", n > 0);
	if_freenameindex(names);
	return 0;
}
