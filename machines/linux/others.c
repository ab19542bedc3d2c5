/*
 * process_vm_readv and process_vm_writev. In this process an address of the guest is looked up as everywhere. In another one it is
 * known what the address means only if guests live at the host's addresses: for 64-bit guests, and for programs
 * of the host, too. Where the window of another 32-bit guest lies only that process knows: EPERM.
 */
#include "guest.h"

static bool is_own(int pid)
{
	int self = getpid();

	return pid == self || !LX_HOST(SYS_tgkill, self, pid, 0);
}

/* The list of another process, whose kernel checks it; 0 or -errno. */
static int raw_list(lx *x, uint64_t addr, uint64_t n, struct iovec *out)
{
	uint8_t raw[16];

	for (uint64_t i = 0; i < n; i++) {
		if (lx_read(x, addr + i * sizeof raw, raw, sizeof raw))
			return -EFAULT;
		out[i].iov_base = (void *)(uintptr_t)lx_load(x, raw, 8);
		out[i].iov_len = lx_load(x, raw + 8, 8);
	}
	return (int)n;
}

static int64_t transfer(lx *x, const uint64_t *a, long nr, uint32_t local, uint32_t remote)
{
	struct iovec near[LX_MAX_IOV], far[LX_MAX_IOV];
	int pid = (int)a[0], n_near, n_far;
	bool own = is_own(pid);

	if (a[5] || a[2] > LX_MAX_IOV || a[4] > LX_MAX_IOV)
		return -EINVAL;
	n_near = lx_iovec(x, a[1], a[2], local, near);
	if (n_near < 0)
		return n_near;
	if (!own && x->g->word != 8)
		return pid > 0 && LX_HOST(SYS_kill, pid, 0) != -ESRCH ? -EPERM : -ESRCH;
	n_far = own ? lx_iovec(x, a[3], a[4], remote, far) : raw_list(x, a[3], a[4], far);
	if (n_far < 0)
		return n_far;
	return LX_HOST(nr, pid, (long)near, n_near, (long)far, n_far, 0);
}

int64_t lx_sys_process_vm_readv(lx *x, const uint64_t *a)
{
	return transfer(x, a, SYS_process_vm_readv, DGM_W, DGM_R);
}

int64_t lx_sys_process_vm_writev(lx *x, const uint64_t *a)
{
	return transfer(x, a, SYS_process_vm_writev, DGM_R, DGM_W);
}
