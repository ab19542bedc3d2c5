/*
 * The sandbox: three processes. The first waits outside and ends as the guest does. The second is the first of its own
 * name space of processes: it makes the file system, starts the third, passes signals on and collects the dead. The
 * third comes back to main and becomes the guest.
 */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"

static bool refuse(const char *what)
{
	char text[PATH_MAX + 32];

	snprintf(text, sizeof text, "--sandbox: %s", what);
	complain(text, strerror(errno));
	return false;
}

/* Name spaces of our own; the user and group stay who they are, and no others are known inside. */
static bool leave_host(void)
{
	unsigned uid = getuid(), gid = getgid();
	char text[64];

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWPID))
		return refuse("the host does not let this process have name spaces of its own");
	snprintf(text, sizeof text, "%u %u 1", uid, uid);
	if (!put_text("/proc/self/setgroups", "deny") || !put_text("/proc/self/uid_map", text))
		return refuse("/proc/self/uid_map");
	snprintf(text, sizeof text, "%u %u 1", gid, gid);
	return put_text("/proc/self/gid_map", text) ? true : refuse("/proc/self/gid_map");
}

/* ---- files; the current directory is what will be the root ---- */

/* Makes the folders that lead to a path, which is absolute: below the current directory. */
static void make_way(const char *path)
{
	char part[PATH_MAX];

	for (const char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		snprintf(part, sizeof part, "%.*s", (int)(p - path - 1), path + 1);
		mkdir(part, 0755);
	}
}

/* Attaches a copy of a mount at its own name. What it was not allowed to do before it is not allowed to do now. */
static bool attach(int tree, const char *path, bool folder, uint64_t attributes)
{
	struct mount_attr attr = { .attr_set = attributes };

	make_way(path);
	if (folder)
		mkdir(path + 1, 0755);
	else
		close(open(path + 1, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	return !mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr) &&
	       !move_mount(tree, "", AT_FDCWD, path + 1, MOVE_MOUNT_F_EMPTY_PATH);
}

/* What stands at a name outside; links are made anew. Nothing there is no failure. */
static bool show(const char *path, uint64_t attributes)
{
	char text[PATH_MAX];
	struct stat s;
	ssize_t n;
	int tree;
	bool ok;

	if (lstat(path, &s))
		return true;
	if (S_ISLNK(s.st_mode)) {
		n = readlink(path, text, sizeof text - 1);
		text[n < 0 ? 0 : n] = 0;
		make_way(path);
		return n > 0 && (!symlink(text, path + 1) || errno == EEXIST);
	}
	tree = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	ok = tree >= 0 && attach(tree, path, S_ISDIR(s.st_mode), attributes);
	if (tree >= 0)
		close(tree);
	return ok ? true : refuse(path);
}

/* The folders of what this program and its libraries are made of. */
static bool show_own(const char *backend_dir)
{
	static const char *const folders[] = { "/usr", "/lib", "/lib32", "/lib64", "/libx32", "/etc/ld.so.cache" };
	const uint64_t read_only = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
	char self[PATH_MAX], backend[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	char *place;

	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (!show(folders[i], read_only))
			return false;
	self[n < 0 ? 0 : n] = 0;
	/* Not installed: the folder above the program's has the libraries. */
	place = dirname(dirname(self));
	if (n > 0 && strncmp(place, "/usr", 4) && strcmp(place, "/") && !show(place, read_only))
		return false;
	return !backend_dir || !realpath(backend_dir, backend) || !access(backend + 1, F_OK) || show(backend, read_only);
}

static bool show_devices(void)
{
	static const char *const devices[] = { "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty" };

	for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++)
		if (!show(devices[i], MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC))
			return false;
	mkdir("proc", 0555);
	return !mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) ? true : refuse("/proc");
}

static bool make_files(const char *root, const char *backend_dir)
{
	struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };
	char path[PATH_MAX], here[PATH_MAX];
	int tree;

	if (!realpath(root, path) || !getcwd(here, sizeof here))
		return refuse(root);
	/* /sys is there on every system, and nothing that is shown lies in it. */
	tree = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (tree < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount("none", "/sys", "tmpfs", 0, "mode=755") ||
	    chdir("/sys"))
		return refuse("an empty file system");
	if (!show_own(backend_dir) || !show_devices())
		return false;
	if (!attach(tree, path, true, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV))
		return refuse(path);
	close(tree);
	if (syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) || mount_setattr(AT_FDCWD, "/", 0, &read_only, sizeof read_only))
		return refuse("the new root");
	return !chdir(here) || !chdir(path) ? true : refuse(path);
}

/* No right that the name space of users gave is left, nor will be by executing something. */
static bool drop_rights(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0))
			return refuse("capabilities");
	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !syscall(SYS_capset, &head, none) ? true : refuse("capabilities");
}

/* ---- processes ---- */

/* Waits for the end of `pid` and gives it the signals that come; those of a terminal come to everybody. */
static int wait_for(pid_t pid, const sigset_t *set)
{
	for (;;) {
		siginfo_t si;
		int status;
		pid_t dead;

		if (sigwaitinfo(set, &si) < 0)
			continue;
		if (si.si_signo != SIGCHLD && si.si_code != SI_KERNEL)
			kill(pid, si.si_signo);
		while ((dead = waitpid(-1, &status, WNOHANG)) > 0)
			if (dead == pid)
				return status;
	}
}

/* A process that blocks all signals in `set`. */
static pid_t start(const sigset_t *set)
{
	sigprocmask(SIG_BLOCK, set, NULL);
	return fork();
}

/* The first process inside: its own end would not show by which signal the guest died, so it tells. */
static bool be_first(const char *root, const char *backend_dir, const sigset_t *set, const sigset_t *old, int tell)
{
	pid_t pid;
	int status;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!make_files(root, backend_dir) || !drop_rights())
		_exit(EXIT_CANNOT);
	pid = start(set);
	if (pid < 0)
		_exit(EXIT_CANNOT);
	if (!pid) {
		close(tell);
		sigprocmask(SIG_SETMASK, old, NULL);
		return true;
	}
	status = wait_for(pid, set);
	_exit(write(tell, &status, sizeof status) == sizeof status ? 0 : EXIT_CANNOT);
}

/* Ends as the guest did. */
static int end_as(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : die_by(WTERMSIG(status));
}

bool sandbox_enter(const char *root, const char *backend_dir, int *status)
{
	sigset_t all, old;
	int told[2];
	pid_t pid;

	*status = EXIT_CANNOT;
	if (!leave_host())
		return false;
	sigfillset(&all);
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGBUS);
	sigprocmask(SIG_SETMASK, NULL, &old);
	if (pipe2(told, O_CLOEXEC))
		return refuse("a pipe");
	pid = start(&all);
	if (pid < 0)
		return refuse("a process");
	if (!pid) {
		close(told[0]);
		return be_first(root, backend_dir, &all, &old, told[1]);
	}
	close(told[1]);
	*status = wait_for(pid, &all);
	*status = read(told[0], &pid, sizeof pid) == sizeof pid ? end_as((int)pid) : end_as(*status);
	return false;
}
