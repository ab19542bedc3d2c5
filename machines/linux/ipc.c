/*
 * System V shared memory, semaphores and message queues. Segments are attached by the host's kernel at the
 * place of the guest's pages; the map knows their length by where they begin.
 */
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "guest.h"
#include "host_types.h"

/* A bit of old that chooses between layouts: the new one is the only one here. */
#define IPC_64 0x100
#define MAX_OPS 500
#define MAX_TEXT (1u << 20)
#define SETS_MAX 32000

/* ---- shared memory ---- */

static int note_segment(struct dgm_linux *p, uint64_t at, uint64_t len)
{
	struct lx_segment_at *s = realloc(p->seg, (p->n_seg + 1) * sizeof *s);

	if (!s)
		return -ENOMEM;
	p->seg = s;
	p->seg[p->n_seg++] = (struct lx_segment_at){ at, len };
	return 0;
}

/* Puts pages of any kind where the segment goes: 0 is anywhere, SHM_RND rounds down. */
static int64_t place(lx *x, uint64_t addr, uint64_t len, int prot, int flags)
{
	const int kind = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE;
	struct lx_vma *v;
	int r;

	if (!addr)
		return flags & SHM_REMAP ? -EINVAL : lx_map_free(x, 0, len, prot, kind, -1, 0);
	if (addr & (LX_PAGE - 1) && !(flags & SHM_RND))
		return -EINVAL;
	addr &= ~(uint64_t)(LX_PAGE - 1);
	if (addr < 0x10000 || addr >= x->g->task_size || len > x->g->task_size - addr)
		return -EINVAL;
	v = lx_vma_find(x, addr);
	if (v && v->lo < addr + len && !(flags & SHM_REMAP))
		return -EINVAL;
	r = lx_map_at(x, addr, len, prot, kind, -1, 0);
	return r ? r : (int64_t)addr;
}

/* The reservation keeps its pages: unmapping puts its own back, and with that detaches. */
static int detach(lx *x, struct lx_segment_at s)
{
	return lx_unmap(x, s.at, s.at + s.len);
}

int64_t lx_sys_shmat(lx *x, const uint64_t *a)
{
	int flags = (int)a[2], prot = flags & SHM_RDONLY ? PROT_READ : PROT_READ | PROT_WRITE;
	struct shmid_ds ds;
	int64_t at, r = LX_HOST(SYS_shmctl, (int)a[0], IPC_STAT, (long)&ds);
	uint64_t len;
	void *host;

	if (r < 0)
		return r;
	len = lx_page_up(ds.shm_segsz);
	if (flags & SHM_EXEC)
		prot |= PROT_EXEC;
	at = place(x, a[1], len, prot, flags);
	if (at < 0)
		return at;
	host = lx_ptr(x, (uint64_t)at, len, 0);
	r = host ? LX_HOST(SYS_shmat, (int)a[0], (long)host, (flags & SHM_RDONLY) | SHM_REMAP) : -ENOMEM;
	if (r >= 0 || r <= -4096)
		r = note_segment(x->p, (uint64_t)at, len);
	if (r) {
		detach(x, (struct lx_segment_at){ (uint64_t)at, len });
		return r;
	}
	/* No longer anonymous: it does not grow in place. */
	lx_vma_set(x, (uint64_t)at, (uint64_t)at + len, (uint32_t)prot, LX_VMA_SHARED);
	dgm_mem_touched(x->vm, (uint64_t)at, len);
	return at;
}

int64_t lx_sys_shmdt(lx *x, const uint64_t *a)
{
	struct dgm_linux *p = x->p;

	for (size_t i = p->n_seg; i-- > 0;) {
		struct lx_segment_at s = p->seg[i];

		if (s.at != a[0])
			continue;
		p->seg[i] = p->seg[--p->n_seg];
		return detach(x, s);
	}
	return -EINVAL;
}

int64_t lx_sys_shmctl(lx *x, const uint64_t *a)
{
	int cmd = (int)a[1] & ~IPC_64;
	struct shmid_ds ds;
	int64_t r;

	switch (cmd) {
	case IPC_SET:
		if (lx_get(x, LX_ST_SHMID, a[2], &ds))
			return -EFAULT;
		return LX_HOST(SYS_shmctl, (int)a[0], cmd, (long)&ds);
	case IPC_STAT: case SHM_STAT: case 15 /* SHM_STAT_ANY */:
		r = LX_HOST(SYS_shmctl, (int)a[0], cmd, (long)&ds);
		return r < 0 || !lx_put(x, LX_ST_SHMID, a[2], &ds) ? r : -EFAULT;
	case IPC_RMID: case SHM_LOCK: case SHM_UNLOCK:
		return LX_HOST(SYS_shmctl, (int)a[0], cmd, 0);
	default:
		return -EINVAL;
	}
}

/* ---- semaphores ---- */

static int64_t sem_operate(lx *x, int id, uint64_t addr, uint64_t n, const struct timespec *timeout)
{
	struct sembuf op[MAX_OPS];
	uint8_t raw[MAX_OPS * 6];

	if (n > MAX_OPS)
		return -E2BIG;
	if (lx_read(x, addr, raw, n * 6))
		return -EFAULT;
	for (uint64_t i = 0; i < n; i++) {
		op[i].sem_num = (unsigned short)lx_load(x, raw + 6 * i, 2);
		op[i].sem_op = (short)lx_load(x, raw + 6 * i + 2, 2);
		op[i].sem_flg = (short)lx_load(x, raw + 6 * i + 4, 2);
	}
	return LX_WAIT_NOHAND(x, SYS_semtimedop, id, (long)op, (long)n, (long)timeout);
}

int64_t lx_sys_semtimedop(lx *x, const uint64_t *a)
{
	struct timespec ts;

	if (a[3] && lx_get(x, lx_timespec(a), a[3], &ts))
		return -EFAULT;
	return sem_operate(x, (int)a[0], a[1], a[2], a[3] ? &ts : NULL);
}

/* GETALL and SETALL: an array of 16-bit values, as long as the set. */
static int64_t all_values(lx *x, int id, int cmd, uint64_t addr)
{
	unsigned short v[SETS_MAX];
	struct semid_ds ds;
	int64_t r = LX_HOST(SYS_semctl, id, 0, IPC_STAT, (long)&ds);
	uint8_t *p;

	if (r < 0)
		return r;
	if (ds.sem_nsems > SETS_MAX)
		return -ENOMEM;
	p = lx_ptr(x, addr, 2 * ds.sem_nsems, cmd == GETALL ? DGM_W : DGM_R);
	if (!p)
		return -EFAULT;
	for (unsigned long i = 0; cmd == SETALL && i < ds.sem_nsems; i++)
		v[i] = (unsigned short)lx_load(x, p + 2 * i, 2);
	r = LX_HOST(SYS_semctl, id, 0, cmd, (long)v);
	for (unsigned long i = 0; !r && cmd == GETALL && i < ds.sem_nsems; i++)
		lx_store(x, p + 2 * i, 2, v[i]);
	return r;
}

int64_t lx_sys_semctl(lx *x, const uint64_t *a)
{
	int cmd = (int)a[2] & ~IPC_64;
	struct semid_ds ds;
	int64_t r;

	switch (cmd) {
	case GETALL: case SETALL:
		return all_values(x, (int)a[0], cmd, a[3]);
	case IPC_SET:
		if (lx_get(x, LX_ST_SEMID, a[3], &ds))
			return -EFAULT;
		return LX_HOST(SYS_semctl, (int)a[0], 0, cmd, (long)&ds);
	case IPC_STAT: case SEM_STAT: case 20 /* SEM_STAT_ANY */:
		r = LX_HOST(SYS_semctl, (int)a[0], (int)a[1], cmd, (long)&ds);
		return r < 0 || !lx_put(x, LX_ST_SEMID, a[3], &ds) ? r : -EFAULT;
	case IPC_RMID: case GETVAL: case SETVAL: case GETPID: case GETNCNT: case GETZCNT:
		return LX_HOST(SYS_semctl, (int)a[0], (int)a[1], cmd, (long)(int)a[3]);
	default:
		return -EINVAL;
	}
}

/* ---- message queues: a long with the type, then the text ---- */

int64_t lx_sys_msgsnd(lx *x, const uint64_t *a)
{
	unsigned w = x->g->word;
	uint64_t type;
	struct msgbuf *m;
	int64_t r;

	if (a[2] > MAX_TEXT)
		return -EINVAL;
	if (lx_get_word(x, a[1], &type))
		return -EFAULT;
	m = malloc(sizeof *m + a[2]);
	if (!m)
		return -ENOMEM;
	m->mtype = w == 4 ? (int32_t)type : (int64_t)type;
	r = lx_read(x, a[1] + w, m->mtext, a[2]) ? -EFAULT : LX_WAIT_NOHAND(x, SYS_msgsnd, (int)a[0], (long)m, (long)a[2], (int)a[3]);
	free(m);
	return r;
}

int64_t lx_sys_msgrcv(lx *x, const uint64_t *a)
{
	unsigned w = x->g->word;
	uint64_t cap = a[2] < MAX_TEXT ? a[2] : MAX_TEXT;
	struct msgbuf *m;
	int64_t r;

	if (w == 4 ? a[2] > INT32_MAX : a[2] > INT64_MAX)
		return -EINVAL;
	m = malloc(sizeof *m + cap);
	if (!m)
		return -ENOMEM;
	r = LX_WAIT_NOHAND(x, SYS_msgrcv, (int)a[0], (long)m, (long)cap, (long)a[3], (int)a[4]);
	if (r >= 0 && (lx_put_word(x, a[1], (uint64_t)m->mtype) || lx_write(x, a[1] + w, m->mtext, (size_t)r)))
		r = -EFAULT;
	free(m);
	return r;
}

int64_t lx_sys_msgctl(lx *x, const uint64_t *a)
{
	int cmd = (int)a[1] & ~IPC_64;
	struct msqid_ds ds;
	int64_t r;

	switch (cmd) {
	case IPC_SET:
		if (lx_get(x, LX_ST_MSQID, a[2], &ds))
			return -EFAULT;
		return LX_HOST(SYS_msgctl, (int)a[0], cmd, (long)&ds);
	case IPC_STAT: case MSG_STAT: case 13 /* MSG_STAT_ANY */:
		r = LX_HOST(SYS_msgctl, (int)a[0], cmd, (long)&ds);
		return r < 0 || !lx_put(x, LX_ST_MSQID, a[2], &ds) ? r : -EFAULT;
	case IPC_RMID:
		return LX_HOST(SYS_msgctl, (int)a[0], cmd, 0);
	default:
		return -EINVAL;
	}
}

/* ---- all of them in one call ---- */

/* The old form of msgrcv has its buffer and type in memory. */
static int64_t receive_by_pair(lx *x, const uint64_t *b)
{
	uint64_t p = 0, type = 0;

	if (lx_get_word(x, b[1], &p) || lx_get_word(x, b[1] + x->g->word, &type))
		return -EFAULT;
	return lx_sys_msgrcv(x, (const uint64_t[]){ b[0], p, b[2], (uint64_t)(int64_t)(int32_t)type, b[4] });
}

/* call, first, second, third, pointer, fifth. */
int64_t lx_sys_ipc(lx *x, const uint64_t *a)
{
	uint64_t value = 0, first = a[1], second = a[2], third = a[3], ptr = a[4];
	int64_t r;

	switch (a[0] & 0xffff) {
	case 1: return lx_sys_semtimedop(x, (const uint64_t[LX_ARGS]){ first, ptr, second });
	case 2: return LX_HOST(SYS_semget, (int)first, (int)second, (int)third);
	case 3:
		if (lx_get_word(x, ptr, &value))
			return -EFAULT;
		return lx_sys_semctl(x, (const uint64_t[]){ first, second, third, value });
	case 4: return lx_sys_semtimedop(x, (const uint64_t[LX_ARGS]){ first, ptr, second, a[5] });
	case 11: return lx_sys_msgsnd(x, (const uint64_t[]){ first, ptr, second, third });
	case 12:
		if (!(a[0] >> 16))
			return receive_by_pair(x, (const uint64_t[]){ first, ptr, second, 0, third });
		return lx_sys_msgrcv(x, (const uint64_t[]){ first, ptr, second, (uint64_t)(int64_t)(int32_t)a[5], third });
	case 13: return LX_HOST(SYS_msgget, (int)first, (int)second);
	case 14: return lx_sys_msgctl(x, (const uint64_t[]){ first, second, ptr });
	case 21:
		pthread_mutex_lock(&x->p->map_lock);
		r = lx_sys_shmat(x, (const uint64_t[]){ first, ptr, second });
		pthread_mutex_unlock(&x->p->map_lock);
		return r < 0 ? r : lx_put_word(x, third, (uint64_t)r);
	case 22:
		pthread_mutex_lock(&x->p->map_lock);
		r = lx_sys_shmdt(x, (const uint64_t[]){ ptr });
		pthread_mutex_unlock(&x->p->map_lock);
		return r;
	case 23: return LX_HOST(SYS_shmget, (int)first, (long)second, (int)third);
	case 24: return lx_sys_shmctl(x, (const uint64_t[]){ first, second, ptr });
	default: return -ENOSYS;
	}
}
