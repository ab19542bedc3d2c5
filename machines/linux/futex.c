/*
 * futex: the host's kernel does the work on the same memory. It reads futex words in the host's byte
 * order, so values to compare with are given in the guest's; operations that compute with the word, or
 * write the owner's id into it, are carried out here for a guest of the other byte order.
 */
#include "futex.h"
#include "guest.h"

static int64_t with_second(lx *x, const struct lx_futex *f, long val, long val3)
{
	void *p;
	int r = lx_futex_second(x, f, DGM_R, &p);

	return r ? r : LX_HOST(SYS_futex, (long)f->at, f->op, val, (long)(int)f->val2, (long)p, val3);
}

/* The word's new value: op is that of FUTEX_WAKE_OP, with its argument. */
static uint32_t wake_op(uint32_t op, uint32_t old, uint32_t arg)
{
	switch (op) {
	case FUTEX_OP_SET: return arg;
	case FUTEX_OP_ADD: return old + arg;
	case FUTEX_OP_OR: return old | arg;
	case FUTEX_OP_ANDN: return old & ~arg;
	default: return old ^ arg;
	}
}

static bool wake_compare(uint32_t cmp, int32_t old, int32_t arg)
{
	switch (cmp) {
	case FUTEX_OP_CMP_EQ: return old == arg;
	case FUTEX_OP_CMP_NE: return old != arg;
	case FUTEX_OP_CMP_LT: return old < arg;
	case FUTEX_OP_CMP_LE: return old <= arg;
	case FUTEX_OP_CMP_GT: return old > arg;
	default: return old >= arg;
	}
}

/*
 * FUTEX_WAKE_OP with a second word in the other byte order. The word changes before anybody is woken: a
 * waiter sees either the new value, or its wait began before and one of the wakes is for it.
 */
static int64_t wake_op_swapped(lx *x, const struct lx_futex *f)
{
	uint32_t code = (uint32_t)f->val3, op = code >> 28, raw, old, fresh;
	int32_t arg = (int32_t)(code << 8) >> 20, cmparg = (int32_t)(code << 20) >> 20;
	int64_t n, more;
	void *second;
	_Atomic uint32_t *p;
	int r = lx_futex_second(x, f, DGM_R | DGM_W, &second);

	if (r)
		return r;
	p = second;
	if (op & FUTEX_OP_OPARG_SHIFT)
		arg = (int32_t)(1u << (arg & 31));
	op &= 7;
	if (op > FUTEX_OP_XOR || (code >> 24 & 15) > FUTEX_OP_CMP_GE)
		return -ENOSYS;
	raw = atomic_load(p);
	do {
		old = (uint32_t)lx_load(x, &raw, 4);
		fresh = lx_futex_stored(x, wake_op(op, old, (uint32_t)arg));
	} while (!atomic_compare_exchange_weak(p, &raw, fresh));
	n = lx_futex_wake(f, f->at, f->val);
	if (n < 0 || !wake_compare(code >> 24 & 15, (int32_t)old, cmparg))
		return n;
	more = lx_futex_wake(f, second, f->val2);
	return more < 0 ? more : n + more;
}

/* Locks with priority inheritance hold ids, which the kernel writes. */
static int64_t inheriting(lx *x, const struct lx_futex *f)
{
	void *p;
	int r;

	if (x->g->big_endian)
		return lx_futex_pi(x, f);
	switch (f->cmd) {
	case FUTEX_LOCK_PI: case FUTEX_LOCK_PI2:
		return LX_WAIT(x, SYS_futex, (long)f->at, f->op, 0, (long)f->timeout);
	case FUTEX_WAIT_REQUEUE_PI:
		r = lx_futex_second(x, f, DGM_R | DGM_W, &p);
		return r ? r : LX_WAIT(x, SYS_futex, (long)f->at, f->op, (long)lx_futex_stored(x, f->val), (long)f->timeout, (long)p);
	case FUTEX_CMP_REQUEUE_PI:
		return with_second(x, f, (long)(int)f->val, (long)lx_futex_stored(x, f->val3));
	default:
		return LX_HOST(SYS_futex, (long)f->at, f->op, 0);
	}
}

static int64_t run(lx *x, const struct lx_futex *f)
{
	switch (f->cmd) {
	case FUTEX_WAIT: case FUTEX_WAIT_BITSET:
		return lx_futex_wait(x, f);
	case FUTEX_WAKE:
		return lx_futex_wake_up(x, f);
	case FUTEX_WAKE_BITSET:
		return LX_HOST(SYS_futex, (long)f->at, f->op, (long)(int)f->val, 0, 0, (long)(uint32_t)f->val3);
	case FUTEX_REQUEUE:
		lx_futex_requeued(x);
		return with_second(x, f, (long)(int)f->val, 0);
	case FUTEX_CMP_REQUEUE:
		lx_futex_requeued(x);
		return with_second(x, f, (long)(int)f->val, (long)lx_futex_stored(x, f->val3));
	case FUTEX_WAKE_OP:
		return x->g->big_endian ? wake_op_swapped(x, f) : with_second(x, f, (long)(int)f->val, (long)(int)f->val3);
	case FUTEX_LOCK_PI: case FUTEX_LOCK_PI2: case FUTEX_TRYLOCK_PI: case FUTEX_UNLOCK_PI: case FUTEX_WAIT_REQUEUE_PI:
	case FUTEX_CMP_REQUEUE_PI:
		return inheriting(x, f);
	default:
		return -ENOSYS;
	}
}

static bool has_timeout(int cmd)
{
	return cmd == FUTEX_WAIT || cmd == FUTEX_WAIT_BITSET || cmd == FUTEX_LOCK_PI || cmd == FUTEX_LOCK_PI2 ||
	       cmd == FUTEX_WAIT_REQUEUE_PI;
}

int64_t lx_sys_futex(lx *x, const uint64_t *a)
{
	struct lx_futex f = { .op = (int)a[1], .cmd = (int)a[1] & FUTEX_CMD_MASK, .at2 = a[4] };

	f.val = a[2];
	f.val2 = a[3];
	f.val3 = a[5];
	if (a[0] & 3)
		return -EINVAL;
	f.at = lx_ptr(x, a[0], 4, DGM_R);
	if (!f.at)
		return -EFAULT;
	if (has_timeout(f.cmd) && a[3]) {
		if (lx_get(x, lx_timespec(a), a[3], &f.ts))
			return -EFAULT;
		f.timeout = &f.ts;
	}
	return run(x, &f);
}
