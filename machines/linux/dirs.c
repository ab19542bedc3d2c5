/*
 * Places in directories for 32-bit guests. File systems hand out 64-bit cookies, which a program without
 * large file support cannot hold: its readdir fails. A 32-bit kernel asks the file system for small ones;
 * we number the large ones, by descriptor and from each rewind on.
 */
#include <stdlib.h>

#include "fds.h"
#include "guest.h"

/* Numbers begin here: smaller cookies are the file system's own. */
#define FIRST 0x40000000

struct lx_dir {
	int fd;
	size_t n, cap;
	int64_t *cookie;
	struct lx_dir *next;
};

/* With the process's lock. */
static struct lx_dir *find(struct dgm_linux *p, int fd)
{
	struct lx_dir *d = p->dirs;

	while (d && d->fd != fd)
		d = d->next;
	return d;
}

static struct lx_dir *make(struct dgm_linux *p, int fd)
{
	struct lx_dir *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->fd = fd;
	d->next = p->dirs;
	p->dirs = d;
	return d;
}

static int64_t number(struct lx_dir *d, int64_t cookie)
{
	size_t cap = d->cap ? 2 * d->cap : 64;
	int64_t *list;

	if (d->n && d->cookie[d->n - 1] == cookie)
		return FIRST + (int64_t)d->n - 1;
	if (d->n >= INT32_MAX - FIRST)
		return -EOVERFLOW;
	if (d->n == d->cap) {
		list = realloc(d->cookie, cap * sizeof *list);
		if (!list)
			return -ENOMEM;
		d->cookie = list;
		d->cap = cap;
	}
	d->cookie[d->n++] = cookie;
	return FIRST + (int64_t)d->n - 1;
}

int64_t lx_dir_number(lx *x, int fd, int64_t cookie)
{
	struct dgm_linux *p = x->p;
	struct lx_dir *d;
	int64_t r = -ENOMEM;
	bool fresh;

	if (x->g->word != 4 || (cookie >= 0 && cookie < FIRST))
		return cookie;
	pthread_mutex_lock(&p->lock);
	d = find(p, fd);
	fresh = !d;
	if (fresh)
		d = make(p, fd);
	if (d)
		r = number(d, cookie);
	pthread_mutex_unlock(&p->lock);
	return r >= 0 && fresh && lx_fd_made(x, fd, LX_FD_DIR) < 0 ? -ENOMEM : r;
}

int64_t lx_dir_seek(lx *x, int fd, int64_t off, int whence)
{
	struct dgm_linux *p = x->p;
	struct lx_dir *d;

	if (whence || lx_fd_kind(x, fd) != LX_FD_DIR)
		return off;
	pthread_mutex_lock(&p->lock);
	d = find(p, fd);
	if (d && !off)
		d->n = 0;
	else if (d && off >= FIRST && (size_t)(off - FIRST) < d->n)
		off = d->cookie[off - FIRST];
	pthread_mutex_unlock(&p->lock);
	return off;
}

void lx_dir_drop(struct dgm_linux *p, int fd)
{
	struct lx_dir **at, *d;

	pthread_mutex_lock(&p->lock);
	for (at = &p->dirs; *at && (*at)->fd != fd; at = &(*at)->next)
		;
	d = *at;
	if (d)
		*at = d->next;
	pthread_mutex_unlock(&p->lock);
	if (d)
		free(d->cookie);
	free(d);
}

void lx_dir_fini(struct dgm_linux *p)
{
	while (p->dirs)
		lx_dir_drop(p, p->dirs->fd);
}
