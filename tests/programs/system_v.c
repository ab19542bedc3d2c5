/* System V shared memory, semaphores and message queues, and POSIX message queues.
 * @without hot
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

union semun {
	int val;
	struct semid_ds *buf;
	unsigned short *array;
};

struct message {
	long type;
	char text[40];
};

static volatile int notified;

static void note(int sig, siginfo_t *info, void *context)
{
	notified = info->si_code == SI_MESGQ ? info->si_value.sival_int : -1;
}

static int recent(time_t t)
{
	return t > 1700000000 && t <= time(NULL) + 1;
}

static void memory(void)
{
	int id = shmget(IPC_PRIVATE, 5000, IPC_CREAT | 0640), status;
	struct shmid_ds ds;
	volatile int *p, *q;

	p = shmat(id, NULL, 0);
	q = shmat(id, NULL, SHM_RDONLY);
	p[3] = 77;
	printf("%d %d", p != (void *)-1 && q != p, q[3]);
	if (!fork()) {
		p[3]++;
		_exit(shmdt((void *)p) || shmdt((void *)p) != -1);
	}
	wait(&status);
	printf(" %d %d\n", q[3], WEXITSTATUS(status));
	printf("%d", shmctl(id, IPC_STAT, &ds));
	printf(" %d %o %d %d", (int)ds.shm_segsz, ds.shm_perm.mode, (int)ds.shm_nattch, ds.shm_cpid == getpid());
	printf(" %d %d\n", recent(ds.shm_atime), recent(ds.shm_ctime));
	ds.shm_perm.mode = 0600;
	printf("%d", shmctl(id, IPC_SET, &ds));
	printf(" %d", shmctl(id, IPC_STAT, &ds));
	printf(" %o", ds.shm_perm.mode & 0777);
	printf(" %d", shmctl(id, IPC_RMID, NULL));
	printf(" %d %d", shmdt((void *)p), shmdt((void *)q));
	printf(" %d\n", shmat(id, NULL, 0) == (void *)-1 && (errno == EINVAL || errno == EIDRM));
}

static void semaphores(void)
{
	unsigned short all[3] = { 1, 2, 3 };
	int id = semget(IPC_PRIVATE, 3, IPC_CREAT | 0600), status;
	struct sembuf take = { 0, -1, 0 }, give = { 0, 1, 0 }, both[2] = { { 1, -2, 0 }, { 2, 4, 0 } }, now = { 0, -9, IPC_NOWAIT };
	struct timespec t = { 0, 10000000 };
	struct semid_ds ds;

	printf("%d", semctl(id, 0, SETALL, (union semun){ .array = all }));
	printf(" %d", semop(id, both, 2));
	printf(" %d", semctl(id, 2, GETVAL));
	printf(" %d", semop(id, &take, 1));
	printf(" %d\n", semop(id, &now, 1) == -1 && errno == EAGAIN);
	if (!fork()) {
		usleep(10000);
		_exit(semop(id, &give, 1) != 0);
	}
	printf("%d", semop(id, &take, 1));	/* waits for the child */
	wait(&status);
	printf(" %d", WEXITSTATUS(status));
	printf(" %d", semtimedop(id, &take, 1, &t) == -1 && errno == EAGAIN);
	printf(" %d", semctl(id, 1, SETVAL, (union semun){ .val = 9 }));
	printf(" %d", semctl(id, 0, GETALL, (union semun){ .array = all }));
	printf(" %d %d %d", all[0], all[1], all[2]);
	printf(" %d", semctl(id, 0, IPC_STAT, (union semun){ .buf = &ds }));
	printf(" %d %d %d", (int)ds.sem_nsems, recent(ds.sem_otime), recent(ds.sem_ctime));
	printf(" %d\n", semctl(id, 0, IPC_RMID));
}

static void messages(void)
{
	int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
	struct message m = { 5, "five" }, in;
	struct msqid_ds ds;

	printf("%d", msgsnd(id, &m, 5, 0));
	m.type = 2;
	strcpy(m.text, "second");
	printf(" %d", msgsnd(id, &m, 7, 0));
	printf(" %d", msgctl(id, IPC_STAT, &ds));
	printf(" %d %d\n", (int)ds.msg_qnum, ds.msg_lspid == getpid());
	printf("%d", (int)msgrcv(id, &in, sizeof in.text, -3, 0));
	printf(" %ld %s", in.type, in.text);
	printf(" %d", msgrcv(id, &in, 2, 0, 0) == -1 && errno == E2BIG);
	printf(" %d", (int)msgrcv(id, &in, 2, 0, MSG_NOERROR));
	printf(" %ld %.2s", in.type, in.text);
	printf(" %d", msgrcv(id, &in, 40, 0, IPC_NOWAIT) == -1 && errno == ENOMSG);
	printf(" %d\n", msgctl(id, IPC_RMID, NULL));
}

static void posix_queue(void)
{
	struct mq_attr at = { .mq_maxmsg = 4, .mq_msgsize = 32 };
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 41 };
	struct sigaction sa = { .sa_sigaction = note, .sa_flags = SA_SIGINFO };
	struct timespec past = { 1, 0 };
	char name[32], buf[32];
	unsigned prio = 0;
	mqd_t q;

	sigaction(SIGUSR1, &sa, NULL);
	snprintf(name, sizeof name, "/dgm-%d", getpid());
	q = mq_open(name, O_CREAT | O_RDWR, 0600, &at);
	printf("%d", q != (mqd_t)-1);
	printf(" %d", mq_notify(q, &ev));
	printf(" %d", mq_send(q, "low", 4, 1));
	printf(" %d %d", notified, mq_send(q, "high", 5, 7));
	printf(" %d", mq_getattr(q, &at));
	printf(" %d %d %d\n", (int)at.mq_maxmsg, (int)at.mq_msgsize, (int)at.mq_curmsgs);
	printf("%d", (int)mq_receive(q, buf, sizeof buf, &prio));
	printf(" %s %u", buf, prio);
	printf(" %d", (int)mq_receive(q, buf, sizeof buf, &prio));
	printf(" %s %u", buf, prio);
	printf(" %d", mq_timedreceive(q, buf, sizeof buf, NULL, &past) == -1 && errno == ETIMEDOUT);
	printf(" %d %d\n", mq_close(q), mq_unlink(name));
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	memory();
	semaphores();
	messages();
	posix_queue();
	return 0;
}
