/* Seeds for fuzz-snapshot: a small snapshot of each guest's VM, behind the byte that names the guest. seeds FOLDER */
#include <sys/stat.h>

#include "rig.h"

static void seed(const char *folder, unsigned g)
{
	char path[500];
	struct tape t = { 0 };
	dgm_stream out = tape_writer(&t);
	const struct guest *guest = &guests[g];
	uint8_t first = (uint8_t)g, host[100] = { 1, 2, 3 };
	dgm_snap *s;
	struct rig r;

	REQUIRE(rig_make(&r, guest, &tiers[0], 0, NULL, NULL, 0));
	REQUIRE(!dgm_map_ram(r.vm, DATA + DATA_PAGES * PAGE + 5, sizeof host, DGM_R, host, NULL));
	dgm_set(r.cpu, guest->pc, CODE);
	dgm_set(r.cpu, guest->address, DATA);
	dgm_set(r.cpu, guest->count, 3);
	REQUIRE(!dgm_snap_take(r.vm, &s) && !dgm_snap_save(s, &out));
	snprintf(path, sizeof path, "%s/%s", folder, guest->name);
	FILE *f = fopen(path, "wb");
	REQUIRE(f && fwrite(&first, 1, 1, f) == 1 && fwrite(t.p, 1, t.n, f) == t.n && !fclose(f));
	dgm_snap_free(s);
	rig_free(&r);
	free(t.p);
}

int main(int argc, char **argv)
{
	at_what = "seeds";
	REQUIRE(argc == 2);
	mkdir(argv[1], 0777);
	for (unsigned g = 0; g < GUESTS; g++)
		seed(argv[1], g);
	return 0;
}
