/* Loads a program: its segments, its interpreter, the first stack, as the kernel's binfmt_elf does. */
#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "image.h"

static bool read_fd(const struct lx_source *s, uint64_t off, void *buf, size_t len)
{
	return off <= s->size && len <= s->size - off && pread(s->fd, buf, len, (off_t)off) == (ssize_t)len;
}

static int zero_tail(lx *x, uint64_t from, uint64_t to)
{
	static const uint8_t zeros[LX_PAGE];

	return from < to && dgm_mem_write(x->vm, NULL, from, zeros, to - from, NULL) ? -ENOMEM : 0;
}

static int map_segment(lx *x, const struct lx_segment *s, uint64_t bias, int fd)
{
	uint64_t skew = s->va & (LX_PAGE - 1), lo = bias + s->va - skew;
	uint64_t file_end = bias + s->va + s->filesz, file_page = s->filesz ? lx_page_up(file_end) : lo;
	uint64_t end = lx_page_up(bias + s->va + s->memsz);
	int r = 0;

	if (s->filesz)
		r = lx_map_at(x, lo, file_page - lo, s->prot, MAP_PRIVATE, fd, (int64_t)(s->off - skew));
	/* The rest of the last page is zero only where the program may write: else nobody asks. */
	if (!r && s->filesz && s->memsz > s->filesz && s->prot & PROT_WRITE)
		r = zero_tail(x, file_end, file_page < end ? file_page : end);
	if (!r && end > file_page)
		r = lx_map_at(x, file_page, end - file_page, s->prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return r;
}

/* Where the image goes relative to its own addresses; ~0: no room. */
static uint64_t choose_bias(lx *x, const struct lx_elf *e, uint64_t want)
{
	uint64_t len = e->hi - e->lo + e->align - LX_PAGE;
	int64_t at;

	if (!e->dyn)
		return 0;
	/* Mapped once as a whole, so that nothing of the host's lies between the segments. */
	at = lx_map_free(x, want, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (at < 0 || lx_unmap(x, (uint64_t)at, (uint64_t)at + len))
		return ~(uint64_t)0;
	return (((uint64_t)at + e->align - 1) & ~(e->align - 1)) - e->lo;
}

static dgm_status map_image(lx *x, const struct lx_elf *e, uint64_t want, int fd, const char *path, uint64_t *bias)
{
	uint64_t b = choose_bias(x, e, want);

	if (b == ~(uint64_t)0)
		return lx_fail(x, DGM_E_NOMEM, ENOMEM, "%s: no room in the address space", path);
	if (!e->dyn && e->lo < 0x10000)
		return lx_fail(x, DGM_E_FORMAT, 0, "%s: wants the lowest pages, which stay unmapped", path);
	for (uint32_t i = 0; i < e->n; i++) {
		int r = map_segment(x, &e->seg[i], b, fd);

		if (r)
			return lx_fail(x, r == -ENOMEM ? DGM_E_NOMEM : DGM_E_OS, -r, "%s: cannot map: %s", path, strerror(-r));
	}
	*bias = b;
	return DGM_OK;
}

static dgm_status parse_file(lx *x, const char *path, int fd, struct lx_elf *e)
{
	struct stat st;
	const char *why;
	struct lx_source src = { read_fd, NULL, fd, 0 };

	if (fstat(fd, &st))
		return lx_fail(x, DGM_E_OS, errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return lx_fail(x, DGM_E_OS, S_ISDIR(st.st_mode) ? EISDIR : EACCES, "%s: %s", path,
			       S_ISDIR(st.st_mode) ? "is a directory" : "not a regular file");
	src.size = (uint64_t)st.st_size;
	why = lx_elf_parse(&src, e);
	if (!why)
		return DGM_OK;
	return lx_fail(x, e->guest || strncmp(why, "no guest", 8) ? DGM_E_FORMAT : DGM_E_ARCH, ENOEXEC, "%s: %s", path, why);
}

static dgm_status load_interp(lx *x, const struct lx_elf *prog, const char *path, uint64_t *entry)
{
	char name[PATH_MAX];
	struct lx_elf *e;
	uint64_t bias = 0;
	dgm_status st;
	int fd;

	memcpy(name, prog->interp, sizeof name);
	fd = lx_path_find(x, AT_FDCWD, name, true) ? -1 : open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return lx_fail(x, DGM_E_OS, errno, "%s: cannot open its interpreter %s: %s (see -L)", path, name,
			       strerror(errno));
	e = malloc(sizeof *e);
	st = e ? parse_file(x, name, fd, e) : lx_fail(x, DGM_E_NOMEM, ENOMEM, "%s: out of memory", path);
	if (!st && e->guest != prog->guest)
		st = lx_fail(x, DGM_E_FORMAT, ENOEXEC, "%s: its interpreter %s is for another machine", path, name);
	if (!st)
		st = map_image(x, e, 0, fd, name, &bias);
	if (!st) {
		x->p->interp_base = bias;
		*entry = bias + e->entry;
	}
	free(e);
	close(fd);
	return st;
}

/* ---- the first stack ---- */

struct stack {
	lx *x;
	uint64_t sp, lo;
	int bad;	/* 0, E2BIG, ENOMEM */
};

static uint64_t push(struct stack *s, const void *p, size_t len)
{
	if (!s->bad && s->sp - s->lo < len)
		s->bad = E2BIG;
	if (s->bad)
		return 0;
	s->sp -= len;
	s->bad = lx_write(s->x, s->sp, p, len) ? ENOMEM : 0;
	return s->sp;
}

static size_t count(const char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

/* Pushes the texts of a list, the last first, and notes their addresses. */
static void push_list(struct stack *s, const char *const *list, size_t n, uint64_t *addr)
{
	while (n--)
		addr[n] = push(s, list[n], strlen(list[n]) + 1);
}

static size_t make_auxv(lx *x, uint64_t *v, uint64_t execfn, uint64_t platform, uint64_t random)
{
	const struct lx_guest *g = x->g;
	uint64_t hwcap[2];

	g->hwcap(x, hwcap);
	const struct lx_aux list[] = {
		{ AT_HWCAP, hwcap[0] }, { AT_PAGESZ, LX_PAGE }, { AT_CLKTCK, (uint64_t)sysconf(_SC_CLK_TCK) },
		{ AT_PHDR, x->p->phdr }, { AT_PHENT, x->p->phent }, { AT_PHNUM, x->p->phnum }, { AT_BASE, x->p->interp_base },
		{ AT_FLAGS, 0 }, { AT_ENTRY, x->p->entry }, { AT_UID, getuid() }, { AT_EUID, geteuid() },
		{ AT_GID, getgid() }, { AT_EGID, getegid() }, { AT_SECURE, 0 }, { AT_RANDOM, random },
		{ AT_HWCAP2, hwcap[1] }, { AT_EXECFN, execfn }, { AT_PLATFORM, platform }, { AT_NULL, 0 },
	};
	size_t n = 0;

	if (g->sigpage_is_elf) {
		v[n++] = AT_SYSINFO_EHDR;
		v[n++] = x->p->sigpage;
	}
	for (size_t i = 0; i < g->n_aux; i++) {
		v[n++] = g->aux[i].type;
		v[n++] = g->aux[i].value;
	}
	for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
		v[n++] = list[i].type;
		v[n++] = list[i].value;
	}
	return n;
}

/* argc, argv, envp and the auxiliary vector from the stack pointer upwards. */
static void push_vectors(struct stack *s, size_t argc, size_t envc, uint64_t *addr, const uint64_t *aux, size_t n_aux)
{
	unsigned w = s->x->g->word;
	size_t n = 0, words = 1 + argc + 1 + envc + 1 + n_aux;
	uint8_t *block;

	if (!s->bad && (s->sp - s->lo) / w < words + 16)
		s->bad = E2BIG;
	if (s->bad)
		return;
	block = malloc(words * w);
	if (!block) {
		s->bad = ENOMEM;
		return;
	}
	lx_store(s->x, block, w, argc);
	n = 1;
	for (size_t i = 0; i <= argc; i++)
		lx_store(s->x, block + w * n++, w, i < argc ? addr[i] : 0);
	for (size_t i = 0; i <= envc; i++)
		lx_store(s->x, block + w * n++, w, i < envc ? addr[argc + i] : 0);
	for (size_t i = 0; i < n_aux; i++)
		lx_store(s->x, block + w * n++, w, aux[i]);
	s->sp = (s->sp - words * w) & ~15ull;
	s->bad = lx_write(s->x, s->sp, block, words * w) ? ENOMEM : 0;
	s->x->p->auxv_at = s->sp + (words - n_aux) * w;
	s->x->p->auxv_len = (uint32_t)(n_aux * w);
	free(block);
}

static uint64_t stack_size(lx *x)
{
	struct rlimit rl = lx_limit(x, RLIMIT_STACK);
	uint64_t max = 120u << 20, min = 256u << 10;

	if (rl.rlim_cur == RLIM_INFINITY)
		return 8u << 20;
	if (rl.rlim_cur > max)
		return max;
	return rl.rlim_cur < min ? min : lx_page_up(rl.rlim_cur);
}

static dgm_status make_stack(lx *x, const char *path, uint64_t *sp)
{
	size_t argc = count(x->p->cfg.argv), envc = count(x->p->cfg.envp);
	uint64_t top = x->g->task_size, size = stack_size(x), aux[2 * 48], platform, random, execfn;
	uint64_t *addr = malloc((argc + envc + 1) * sizeof *addr);
	struct stack s = { x, top - x->g->word, top - size, 0 };
	uint8_t rnd[16];

	if (!addr)
		return lx_fail(x, DGM_E_NOMEM, ENOMEM, "%s: out of memory", path);
	if (lx_map_at(x, top - size, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0))
		s.bad = ENOMEM;
	execfn = push(&s, path, strlen(path) + 1);
	x->p->env_hi = s.sp;
	push_list(&s, x->p->cfg.envp, envc, addr + argc);
	x->p->arg_hi = s.sp;
	push_list(&s, x->p->cfg.argv, argc, addr);
	x->p->arg_lo = s.sp;
	s.sp &= ~15ull;
	platform = push(&s, x->g->platform, strlen(x->g->platform) + 1);
	if (getrandom(rnd, sizeof rnd, 0) != sizeof rnd)
		memset(rnd, 0x5a, sizeof rnd);
	random = push(&s, rnd, sizeof rnd);
	s.sp &= ~(uint64_t)(x->g->word - 1u);
	push_vectors(&s, argc, envc, addr, aux, make_auxv(x, aux, execfn, platform, random));
	free(addr);
	*sp = s.sp;
	return s.bad ? lx_fail(x, s.bad == ENOMEM ? DGM_E_NOMEM : DGM_E_OS, s.bad, "%s: %s", path, strerror(s.bad)) : DGM_OK;
}

static int make_sigpage(lx *x)
{
	uint8_t code[LX_PAGE] = { 0 };
	size_t n = x->g->trampolines(code);
	int64_t at = lx_map_free(x, 0, LX_PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int r = 0;

	if (at < 0)
		return (int)at;
	x->p->sigpage = (uint64_t)at;
	if (dgm_mem_write(x->vm, NULL, x->p->sigpage, code, n, NULL))
		r = -ENOMEM;
	return !r && x->g->map_pages ? x->g->map_pages(x) : r;
}

static dgm_status load_program(lx *x, const char *path, int fd, struct lx_elf *e)
{
	uint64_t bias = 0, entry, sp = 0;
	dgm_status st;

	/* A program with an interpreter has a place of its own; a bare one goes where libraries go. */
	st = map_image(x, e, e->interp[0] ? x->g->dyn_base : 0, fd, path, &bias);
	if (st)
		return st;
	x->p->entry = entry = bias + e->entry;
	x->p->exec_base = bias;
	x->p->phdr = e->phdr ? bias + e->phdr : 0;
	x->p->phent = e->phent;
	x->p->phnum = e->phnum;
	x->p->brk_lo = x->p->brk = e->dyn && !e->interp[0] ? x->g->dyn_base : lx_page_up(bias + e->end);
	if (e->interp[0])
		st = load_interp(x, e, path, &entry);
	if (!st && make_sigpage(x))
		st = lx_fail(x, DGM_E_NOMEM, ENOMEM, "%s: out of memory", path);
	if (!st)
		st = make_stack(x, path, &sp);
	if (!st)
		x->g->start(x, entry, sp, e->interp[0] ? x->p->interp_base : bias);
	return st;
}

dgm_status lx_load_file(lx *x, const char *path, int fd, dgm_status (*make_vm)(lx *x))
{
	struct lx_elf *e = malloc(sizeof *e);
	dgm_status st;

	if (!e)
		return lx_fail(x, DGM_E_NOMEM, ENOMEM, "%s: out of memory", path);
	st = parse_file(x, path, fd, e);
	if (!st) {
		x->g = e->guest;
		/* The gap below the stack is at least 128 MiB, as the kernel leaves it. */
		x->p->mmap_top = x->g->task_size - (128u << 20);
		st = make_vm(x);
	}
	if (!st)
		st = load_program(x, path, fd, e);
	free(e);
	return st;
}
