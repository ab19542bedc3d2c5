/*
 * Calls of the host's kernel. The four small routines in assembly have addresses that the signal
 * handler knows: a signal between the last look at lx_attention and the system call instruction moves
 * the pc to the way out, so that no signal is slept over; a fault in the copy moves it to an error, and one at
 * a word that is watched to the end of watching.
 */
#include <ucontext.h>

#include "debug.h"
#include "lx.h"

#if !defined(__x86_64__)
#error "the host's system call sequence is written for x86-64 alone so far"
#endif

/* long lx_raw(long nr, const long a[6]); long lx_safe(long nr, const long a[6], const struct lx_attention *look) */
__asm__(".text\n"
	".p2align 4\n"
	".type lx_raw, @function\n"
	"lx_raw:\n"
	"	mov %rdi, %rax\n"
	"	mov %rsi, %r11\n"
	"	mov (%r11), %rdi\n"
	"	mov 8(%r11), %rsi\n"
	"	mov 16(%r11), %rdx\n"
	"	mov 24(%r11), %r10\n"
	"	mov 32(%r11), %r8\n"
	"	mov 40(%r11), %r9\n"
	"	syscall\n"
	"	ret\n"
	".size lx_raw, .-lx_raw\n"
	".p2align 4\n"
	".type lx_safe, @function\n"
	"lx_safe:\n"
	"	mov %rdi, %rax\n"
	"	mov %rsi, %r11\n"
	"	mov %rdx, %rcx\n"
	"	mov (%r11), %rdi\n"
	"	mov 8(%r11), %rsi\n"
	"	mov 16(%r11), %rdx\n"
	"	mov 24(%r11), %r10\n"
	"	mov 32(%r11), %r8\n"
	"	mov 40(%r11), %r9\n"
	"lx_safe_from:\n"
	"	cmpq $0, (%rcx)\n"
	"	jne lx_safe_out\n"
	"lx_safe_call:\n"
	"	syscall\n"
	"	ret\n"
	"lx_safe_out:\n"
	"	mov $-512, %rax\n"
	"	ret\n"
	".size lx_safe, .-lx_safe\n"
	".p2align 4\n"
	".type lx_copy_asm, @function\n"
	"lx_copy_asm:\n"
	"	mov %rdx, %rcx\n"
	"lx_copy_insn:\n"
	"	rep movsb\n"
	"	xor %eax, %eax\n"
	"	ret\n"
	"lx_copy_out:\n"
	"	mov $-14, %eax\n"
	"	ret\n"
	".size lx_copy_asm, .-lx_copy_asm\n"
	".p2align 4\n"
	".type lx_watch_asm, @function\n"
	"lx_watch_asm:\n"
	"	mov %rdx, %r8\n"
	"	mov %rcx, %r9\n"
	"	rdtsc\n"
	"	shl $32, %rdx\n"
	"	or %rax, %rdx\n"
	"	add %rdx, %r9\n"
	"lx_watch_insn:\n"
	"	cmp %esi, (%rdi)\n"
	"	jne lx_watch_seen\n"
	"	cmpq $0, (%r8)\n"
	"	jne lx_watch_out\n"
	"	pause\n"
	"	rdtsc\n"
	"	shl $32, %rdx\n"
	"	or %rax, %rdx\n"
	"	cmp %r9, %rdx\n"
	"	jb lx_watch_insn\n"
	"lx_watch_out:\n"
	"	xor %eax, %eax\n"
	"	ret\n"
	"lx_watch_seen:\n"
	"	mov $1, %eax\n"
	"	ret\n"
	".size lx_watch_asm, .-lx_watch_asm\n");

long lx_raw(long nr, const long a[6]);
long lx_safe(long nr, const long a[6], const struct lx_attention *look);
int lx_copy_asm(void *to, const void *from, size_t n);
int lx_watch_asm(const void *word, uint32_t raw, const struct lx_attention *look, uint64_t ticks);
extern const char lx_safe_from[], lx_safe_call[], lx_safe_out[], lx_copy_insn[], lx_copy_out[];
extern const char lx_watch_insn[], lx_watch_out[];

long lx_host_call(long nr, const long a[6])
{
	return lx_raw(nr, a);
}

/* -LX_ERESTART: nothing was done because a signal waits. -EINTR: the kernel forbids a restart. */
long lx_wait_call(lx *x, long nr, const long a[6])
{
	long r;

	if (!lx_debugged(x))
		return lx_safe(nr, a, &x->look);
	lx_debug_sleep(x);
	r = lx_safe(nr, a, &x->look);
	lx_debug_wake(x);
	return r;
}

/* A copy that survives memory whose file was cut short: -EFAULT then. */
int lx_copy(void *to, const void *from, size_t n)
{
	return lx_copy_asm(to, from, n);
}

bool lx_watch(const void *word, uint32_t raw, const struct lx_attention *look, uint64_t ticks)
{
	return lx_watch_asm(word, raw, look, ticks);
}

/*
 * For the signal handler: mends the context when it stands in one of the routines. fault: the signal comes from the
 * instruction there. True: it was mended.
 */
bool lx_host_fixup(bool fault, void *ucontext)
{
	ucontext_t *uc = ucontext;
	greg_t *pc = &uc->uc_mcontext.gregs[REG_RIP];
	uintptr_t at = (uintptr_t)*pc;

	if (fault && at == (uintptr_t)lx_copy_insn) {
		*pc = (greg_t)(uintptr_t)lx_copy_out;
		return true;
	}
	if (fault && at == (uintptr_t)lx_watch_insn) {
		*pc = (greg_t)(uintptr_t)lx_watch_out;
		return true;
	}
	if (at >= (uintptr_t)lx_safe_from && at <= (uintptr_t)lx_safe_call)
		*pc = (greg_t)(uintptr_t)lx_safe_out;
	return false;
}
