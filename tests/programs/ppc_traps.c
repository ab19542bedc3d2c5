/* SIGILL, SIGTRAP, SIGFPE and SIGSEGV raised by instructions: signal, code and address; the handler goes on behind.
 * @reference self
 */
#include <fenv.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <ucontext.h>

static volatile int sig_seen, code_seen, count;
static volatile uintptr_t address, where;
static int bad;

static void handler(int sig, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	sig_seen = sig;
	code_seen = info->si_code;
	address = (uintptr_t)info->si_addr;
	where = u->uc_mcontext.uc_regs->gregs[32];
	u->uc_mcontext.uc_regs->gregs[32] += 4;
	u->uc_mcontext.uc_regs->gregs[5] = 0x5555;
	if (sig == SIGFPE)
		u->uc_mcontext.uc_regs->fpregs.fpscr = 0;	/* else the pending exception traps again */
	count++;
}

static void expect(const char *what, int sig, int code)
{
	if (sig_seen != sig || code_seen != code || address != where) {
		printf("%s: signal %d code %d address %lx at %lx\n", what, sig_seen, code_seen, (unsigned long)address,
		       (unsigned long)where);
		bad++;
	}
	sig_seen = 0;
}

int main(void)
{
	struct sigaction sa = { .sa_flags = SA_SIGINFO };
	uint32_t changed = 0;
	volatile double one = 1, zero = 0, r = 0;

	sa.sa_sigaction = handler;
	sigaction(SIGILL, &sa, NULL);
	sigaction(SIGTRAP, &sa, NULL);
	sigaction(SIGFPE, &sa, NULL);
	__asm__ volatile("li 5, 1\n\t.long 0\n\tmr %0, 5" : "=r"(changed) : : "r5");
	expect("undefined", SIGILL, ILL_ILLOPC);
	bad += changed != 0x5555;
	__asm__ volatile("mfmsr 5" : : : "r5");
	expect("privileged", SIGILL, ILL_PRVOPC);
	__asm__ volatile("trap" : : : "r5");
	expect("trap", SIGTRAP, TRAP_BRKPT);
	__asm__ volatile("twgti %0, 7" : : "r"(7) : "r5");
	bad += sig_seen != 0;
	__asm__ volatile("twgti %0, 7" : : "r"(8) : "r5");
	expect("twgti", SIGTRAP, TRAP_BRKPT);
	prctl(PR_SET_FPEXC, PR_FP_EXC_PRECISE);
	feenableexcept(FE_DIVBYZERO);
	__asm__ volatile("fdiv %0, %1, %2" : "+f"(r) : "f"(one), "f"(zero) : "r5");
	expect("fdiv", SIGFPE, FPE_FLTDIV);
	bad += r != 0;
	printf("%d signals, %d bad\n", count, bad);
	return bad != 0 || count != 5;
}
