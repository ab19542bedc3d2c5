/*
 * Names where -L gives a root folder, which lies over the host's files: what is there is found there, and links in it mean
 * what they mean to a system that has it as its root. The host's kernel follows links as seen from the host's root,
 * so a name that leads over one is walked here, link by link; the kernel is given one without.
 */
#include <fcntl.h>

#include "guest.h"

enum { MAX_LINKS = 40 };

/* A name on its way: what was found of it, and what is still to be found. In the guest's terms. */
struct walk {
	const char *root;
	char found[PATH_MAX];	/* without links and ".."; empty: the root itself */
	char rest[PATH_MAX];
};

/* Whether there is something of that name; a link that points nowhere is there, too. */
static bool exists(const char *path)
{
	char c;

	return LX_HOST(SYS_faccessat, AT_FDCWD, (long)path, F_OK) == 0 ||
	       LX_HOST(SYS_readlinkat, AT_FDCWD, (long)path, (long)&c, 1) >= 0;
}

/* Whether the folder of a path is there. */
static bool has_folder(const char *path)
{
	char folder[PATH_MAX];
	size_t n = strlen(path);

	while (n && path[n - 1] == '/')
		n--;
	while (n && path[n - 1] != '/')
		n--;
	n -= n > 0;
	memcpy(folder, path, n);
	folder[n] = 0;
	return !n || exists(folder);
}

/* Puts three texts together; false: longer than a path may be. */
static bool join(char *out, const char *a, const char *b, const char *c)
{
	int n = snprintf(out, PATH_MAX, "%s%s%s", a, b, c);

	return n >= 0 && n < PATH_MAX;
}

/* The first component of `path`, or none; *after is what follows it. */
static size_t component(const char **path, const char **after)
{
	size_t n;

	*path += strspn(*path, "/");
	n = strcspn(*path, "/");
	*after = *path + n;
	return n;
}

static bool is_last(const char *after)
{
	return !*after;
}

/* Whether a folder lacks only this one name of what is still to be found. */
static bool lacks_one(const char *rest)
{
	const char *after;

	return component(&rest, &after) && !after[strspn(after, "/")];
}

static void go_up(struct walk *w)
{
	char *slash = strrchr(w->found, '/');

	if (slash)
		*slash = 0;
}

/* What a component is in the root: the length of a link's text, which is in `text`, 0 for anything else, or -errno. */
static int64_t look_at(const struct walk *w, const char *name, size_t n, char *text)
{
	char at[2 * PATH_MAX];
	int64_t r;

	snprintf(at, sizeof at, "%s%s/%.*s", w->root, w->found, (int)n, name);
	r = LX_HOST(SYS_readlinkat, AT_FDCWD, (long)at, (long)text, PATH_MAX - 1);
	if (r >= 0)
		text[r] = 0;
	return r == -EINVAL ? 0 : r;
}

/* Goes as far as there is something. 1: all of it is there; 0: `rest` is not; or -errno. */
static int walk(struct walk *w, bool follow)
{
	char text[PATH_MAX], rest[PATH_MAX];
	unsigned links = 0;

	for (;;) {
		const char *name = w->rest, *after;
		size_t n = component(&name, &after), used = strlen(w->found);
		int64_t r;

		if (!n)
			return 1;
		if (n <= 2 && !strncmp(name, "..", n)) {
			if (n == 2)
				go_up(w);
			memmove(w->rest, after, strlen(after) + 1);
			continue;
		}
		r = look_at(w, name, n, text);
		if (r == -ENOENT)
			return 0;
		if (r < 0 && r != -ENOTDIR)
			return 1;	/* the kernel will say why, too */
		if (r > 0 && (follow || !is_last(after))) {
			if (++links > MAX_LINKS)
				return -ELOOP;
			if (!join(rest, text, after, ""))
				return -ENAMETOOLONG;
			strcpy(w->rest, rest);
			if (text[0] == '/')
				w->found[0] = 0;
			continue;
		}
		if (used + n + 2 > sizeof w->found)
			return -ENAMETOOLONG;
		w->found[used] = '/';
		memcpy(w->found + used + 1, name, n);
		w->found[used + 1 + n] = 0;
		memmove(w->rest, after, strlen(after) + 1);
	}
}

/*
 * An absolute name of the guest's as the host knows it. What is nowhere can still be made: in the root if that is where
 * the guest is (`inside`), or if only the root has the folder.
 */
static int in_root(const char *root, char *buf, bool follow, bool inside)
{
	struct walk w = { .root = root };
	char guest[PATH_MAX], full[PATH_MAX];
	int there;

	strcpy(w.rest, buf);
	there = walk(&w, follow);
	if (there < 0)
		return there;
	if (!join(guest, w.found, w.rest[0] && w.rest[0] != '/' ? "/" : "", w.rest) || !join(full, root, guest, ""))
		return -ENAMETOOLONG;
	if (!there)
		there = lacks_one(w.rest) && !exists(guest) && (inside || !has_folder(guest));
	strcpy(buf, there ? full : guest);
	return 0;
}

/* Whether a relative name goes over a link or upwards: no other leaves the folder that it begins in. */
static bool leads_away(int dir, const char *path, bool follow)
{
	char at[PATH_MAX], c;
	const char *name = path, *after;
	size_t n;

	for (; (n = component(&name, &after)); name = after) {
		if (n == 2 && !strncmp(name, "..", 2))
			return true;
		if (is_last(after) && !follow)
			return false;
		memcpy(at, path, (size_t)(after - path));
		at[after - path] = 0;
		switch (LX_HOST(SYS_readlinkat, dir, (long)at, (long)&c, 1)) {
		case -EINVAL: break;
		case 1: return true;
		default: return false;
		}
	}
	return false;
}

bool lx_fd_name(int fd, char *out)
{
	char link[32];
	int64_t r;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	r = LX_HOST(SYS_readlinkat, AT_FDCWD, (long)link, (long)out, PATH_MAX - 1);
	if (r > 0)
		out[r] = 0;
	return r > 0;
}

/* The host's name of a folder that is open, or of the current one. */
static bool folder_name(int dir, char *out)
{
	return dir == AT_FDCWD ? LX_HOST(SYS_getcwd, (long)out, PATH_MAX) > 0 : lx_fd_name(dir, out);
}

/* The part of a host's path below the root: NULL where it does not lie there. */
static char *below_root(const char *root, char *path)
{
	size_t n = strlen(root);

	return !strncmp(path, root, n) && (path[n] == '/' || !path[n]) ? path + n : NULL;
}

/* Folders that are made by the kernel: they are the host's, whatever lies in the root. */
static bool is_kernels(const char *path)
{
	static const char *const names[] = { "/proc", "/sys", "/dev" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		size_t n = strlen(names[i]);

		if (!strncmp(path, names[i], n) && (!path[n] || path[n] == '/'))
			return true;
	}
	return false;
}

int lx_path_find(lx *x, int dir, char *buf, bool follow)
{
	const char *root = x->p->root;
	char base[PATH_MAX], full[PATH_MAX], *below;

	if (!buf[0])
		return 0;
	if (follow && lx_proc_exe(x, buf)) {
		snprintf(buf, PATH_MAX, "%s", x->p->exe);
		return 0;
	}
	if (!root[0])
		return 0;
	if (buf[0] == '/')
		return is_kernels(buf) ? 0 : in_root(root, buf, follow, x->p->cfg.flags & DGM_LINUX_MAKE_IN_ROOT);
	if (!leads_away(dir, buf, follow) || !folder_name(dir, base) || !(below = below_root(root, base)))
		return 0;
	if (!join(full, below, "/", buf))
		return -ENAMETOOLONG;
	strcpy(buf, full);
	return in_root(root, buf, follow, true);
}

/* Reads a guest's path and finds its file: 0 or -errno. */
int lx_path(lx *x, int dir, uint64_t addr, bool follow, char *buf)
{
	int r = lx_string(x, addr, buf, PATH_MAX);

	return r < 0 ? r : lx_path_find(x, dir, buf, follow);
}

void lx_path_strip(lx *x, char *buf)
{
	char *below = x->p->root[0] ? below_root(x->p->root, buf) : NULL;

	if (below)
		memmove(buf, below[0] ? below : "/", below[0] ? strlen(below) + 1 : 2);
}
