/* --install-binfmt: tells the kernel (binfmt_misc) to start this program for the guests' files. */
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "binfmt.h"
#include "common.h"
#include "dragoman/linux.h"

#define FOLDER "/proc/sys/fs/binfmt_misc"

enum { MAGIC_BYTES = 20, LINE_BYTES = 2 * 4 * MAGIC_BYTES + PATH_MAX + 64 };

static size_t put_bytes(char *out, const uint8_t *bytes)
{
	size_t n = 0;

	for (int i = 0; i < MAGIC_BYTES; i++)
		n += (size_t)sprintf(out + n, "\\x%02x", bytes[i]);
	return n;
}

/*
 * ":name:M::magic:mask:interpreter:flags". Programs and shared objects of any system's ABI. P: the first argument stays
 * what it was. F: this file is opened now, and found even where its name leads elsewhere.
 */
static void make_line(const dgm_linux_guest_info *g, const char *self, char *out)
{
	uint8_t magic[MAGIC_BYTES] = { 0x7f, 'E', 'L', 'F', g->elf_class, g->elf_data, EV_CURRENT }, mask[MAGIC_BYTES];
	int big = g->elf_data == ELFDATA2MSB;
	size_t n;

	memset(mask, 0xff, sizeof mask);
	memset(mask + EI_OSABI, 0, EI_NIDENT - EI_OSABI);
	magic[16 + big] = ET_EXEC;
	mask[16 + big] = 0xfe;	/* ET_DYN is the next number */
	magic[18 + big] = (uint8_t)g->elf_machine;
	magic[19 - big] = (uint8_t)(g->elf_machine >> 8);
	n = (size_t)sprintf(out, ":dragoman-%s:M::", g->name);
	n += put_bytes(out + n, magic);
	out[n++] = ':';
	n += put_bytes(out + n, mask);
	sprintf(out + n, ":%s:PF", self);
}

int install_binfmt(int only_print)
{
	char self[PATH_MAX], line[LINE_BYTES], path[128];
	dgm_linux_guest_info guest = DGM_INIT(dgm_linux_guest_info);
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	if (n <= 0)
		return 1;
	self[n] = 0;
	for (uint32_t i = 0; !dgm_linux_guest_enum(i, &guest); i++) {
		make_line(&guest, self, line);
		if (only_print) {
			puts(line);
			continue;
		}
		snprintf(path, sizeof path, FOLDER "/dragoman-%s", guest.name);
		(void)put_text(path, "-1");	/* one that was there before */
		if (!put_text(FOLDER "/register", line)) {
			bool missing = errno == ENOENT;

			complain(FOLDER "/register", strerror(errno));
			if (missing)
				complain("mount it", "mount -t binfmt_misc binfmt_misc " FOLDER);
			return 1;
		}
	}
	return fflush(stdout) ? 1 : 0;
}
