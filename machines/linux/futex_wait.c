/*
 * Waiting at a futex. To sleep and be woken costs two threads some microseconds, in virtual machines tens, and who hands
 * work to and fro by a mutex or a condition is often answered sooner. So a thread whose last wait was brief looks at the word for a
 * little while: when it changes, the wait ends as if the thread had come later (EAGAIN). What would not be
 * answered in time must not be watched, for that is wasted: a watch in vain makes the thread leave out the next, then
 * two, four and so on. So does one that was answered for somebody else, when the thread has to wait at once for the same value
 * again: a mutex that is wanted all the time is cheaper for two when one of them sleeps.
 *
 * Who wakes others up asks the kernel only if somebody may be asleep. That is counted for private futexes, whose
 * sleepers are all threads of this process: in front of the kernel's look at the word, as the waker looks after its
 * change of the word.
 */
#include <x86intrin.h>

#include "debug.h"
#include "futex.h"

/* In ticks of the time-stamp counter, a quarter to one nanosecond each: about what it takes to be woken. */
#define WATCH 60000u
#define BRIEF (2 * WATCH)
#define AT_ONCE 4000u
/* A watch in vain in so many waits costs them nothing that could be measured. */
#define MAX_PAUSE 1024u
/* Watches until the number of processors is asked for again. */
#define ASK_AGAIN 64u
#define CPU_BYTES 1024
/* Relative time limits below are the kernel's alone. */
#define SHORT_NS 1000000

/* Whether the word can change while this thread looks at it. */
static bool has_company(struct lx_patience *p)
{
	uint64_t set[CPU_BYTES / 8];
	unsigned n = 0;
	long r;

	if (p->look_again) {
		p->look_again--;
		return !p->alone;
	}
	r = LX_HOST(SYS_sched_getaffinity, 0, CPU_BYTES, (long)set);
	for (long i = 0; i < r / 8; i++)
		n += (unsigned)__builtin_popcountll(set[i]);
	p->alone = n < 2;
	p->look_again = ASK_AGAIN;
	return !p->alone;
}

static void lose_patience(struct lx_patience *p)
{
	p->pause = p->pause ? p->pause * 2 : 1;
	if (p->pause > MAX_PAUSE)
		p->pause = MAX_PAUSE;
	p->skip = p->pause;
}

/* Nothing the kernel would refuse, or time so closely that it matters. */
static bool plain(const struct lx_futex *f)
{
	if (f->cmd == FUTEX_WAIT_BITSET ? !(uint32_t)f->val3 : f->op & FUTEX_CLOCK_REALTIME)
		return false;
	if (!f->timeout)
		return true;
	if (f->ts.tv_sec < 0 || f->ts.tv_nsec < 0 || f->ts.tv_nsec >= 1000000000)
		return false;
	return f->cmd == FUTEX_WAIT_BITSET || f->ts.tv_sec || f->ts.tv_nsec >= SHORT_NS;
}

static bool worth_watching(lx *x, const struct lx_futex *f, uint32_t raw, uint64_t now)
{
	struct lx_patience *p = &x->patience;
	bool in_vain = p->seen_at == f->at && p->seen_raw == raw && now - p->seen < AT_ONCE;

	p->seen_at = NULL;
	if (in_vain)
		lose_patience(p);
	if (!p->brief || !plain(f) || lx_debugged(x))
		return false;
	if (p->skip) {
		p->skip--;
		return false;
	}
	return has_company(p);
}

/* True: the word has changed. */
static bool watch(lx *x, const struct lx_futex *f, uint32_t raw)
{
	struct lx_patience *p = &x->patience;

	if (!lx_watch(f->at, raw, &x->look, WATCH)) {
		lose_patience(p);
		return false;
	}
	p->pause /= 2;
	p->seen_at = f->at;
	p->seen_raw = raw;
	p->seen = __rdtsc();
	return true;
}

void lx_futex_fork(struct dgm_linux *p)
{
	for (unsigned i = 0; i < LX_SLEEP_SLOTS; i++)
		atomic_store_explicit(&p->sleepers[i], 0, memory_order_relaxed);
}

static _Atomic uint32_t *sleepers(lx *x, const void *word)
{
	uintptr_t at = (uintptr_t)word;

	return &x->p->sleepers[(at >> 2 ^ at >> 8 ^ at >> 14) % LX_SLEEP_SLOTS];
}

void lx_futex_sleeps(lx *x, const void *word, int more)
{
	atomic_fetch_add(sleepers(x, word), (uint32_t)more);
}

int64_t lx_futex_wait(lx *x, const struct lx_futex *f)
{
	uint32_t raw = lx_futex_stored(x, f->val);
	uint64_t begin = __rdtsc();
	int64_t r;

	if (worth_watching(x, f, raw, begin) && watch(x, f, raw))
		return -EAGAIN;
	lx_futex_sleeps(x, f->at, 1);
	r = LX_WAIT(x, SYS_futex, (long)f->at, f->op, (long)raw, (long)f->timeout, 0, (long)(uint32_t)f->val3);
	lx_futex_sleeps(x, f->at, -1);
	x->patience.brief = __rdtsc() - begin < BRIEF;
	return r;
}

void lx_futex_requeued(lx *x)
{
	atomic_store(&x->p->requeued, true);
}

int64_t lx_futex_wake_up(lx *x, const struct lx_futex *f)
{
	if (f->op == (FUTEX_WAKE | FUTEX_PRIVATE_FLAG)) {
		atomic_thread_fence(memory_order_seq_cst);
		if (!atomic_load(sleepers(x, f->at)) && !atomic_load(&x->p->requeued))
			return 0;
	}
	return LX_HOST(SYS_futex, (long)f->at, f->op, (long)(int)f->val);
}
