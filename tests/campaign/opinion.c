/* qemu's user mode as a second opinion: a program for the guest reads a file of cases and executes each. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "campaign.h"

enum { HEAD_IN = 24, HEAD_OUT = 24, MAX_SECONDS = 15 };

bool camp_opinion_open(struct camp_opinion *o, const char *qemu, const char *program)
{
	*o = (struct camp_opinion){ .qemu = qemu, .program = program };
	return !access(qemu, X_OK) && !access(program, X_OK);
}

void camp_opinion_close(struct camp_opinion *o)
{
	if (o->in)
		fclose(o->in);
	if (o->out)
		fclose(o->out);
	o->in = o->out = NULL;
}

/* Host integers to the guest's bytes, or back: the same exchange. */
static void order(uint8_t *to, const void *from, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		to[i] = ((const uint8_t *)from)[camp_the->isa->fe->big_endian ? n - 1 - i : i];
}

static uint64_t get(const uint8_t *p, unsigned n)
{
	uint64_t v = 0;

	order((uint8_t *)&v, p, n);
	return v;
}

static void pack(const struct camp_case *c, uint8_t *p)
{
	struct camp_state s = c->before;
	uint32_t n = c->word->n, thumb = camp_the->isa->pc_mode;
	struct camp_field f;

	order(p, &n, 4);
	order(p + 4, &thumb, 4);
	for (unsigned i = 0; i < 16; i++)
		p[8 + i] = i < n ? c->word->code[i] :
			   (uint8_t)(camp_the->filler >> (camp_the->isa->fe->big_endian ? 24 - 8 * (i & 3) : 8 * (i & 3)));
	memset(p + HEAD_IN, 0, camp_the->packed_bytes);
	for (unsigned i = 0; camp_the->field(i, &f); i++)
		order(p + HEAD_IN + f.at, camp_reg(&s, f.id), f.bytes);
	memcpy(p + HEAD_IN + camp_the->packed_bytes, s.data, CAMP_WINDOWS);
}

/* Their signal, as an end of ours. */
static void read_end(const uint8_t *p, const struct camp_case *c, struct camp_result *out)
{
	uint32_t sig = (uint32_t)get(p, 4);
	uint64_t pc = get(p + 8, 8), addr = get(p + 16, 8);
	bool at_code = pc >= CAMP_CODE && pc < CAMP_CODE + c->word->n;

	out->pc = pc;
	out->addr = 0;
	switch (sig) {
	case 4: out->end = at_code ? END_ILLEGAL : END_NEXT; break;
	case 5: out->end = END_TRAP; break;
	case 7: out->end = END_ALIGN, out->addr = addr; break;
	case 8: out->end = END_FP; break;
	case 11:
		out->end = at_code ? END_FAULT : END_NEXT;
		out->addr = at_code ? addr : 0;
		break;
	default: out->end = END_OTHER;
	}
}

static void unpack(const uint8_t *p, const struct camp_case *c, struct camp_result *out)
{
	struct camp_field f;

	out->after = c->before;
	read_end(p, c, out);
	for (unsigned i = 0; camp_the->field(i, &f); i++) {
		struct guest_value *v = camp_reg(&out->after, f.id);

		*v = (struct guest_value){ 0, 0 };
		order((uint8_t *)v, p + HEAD_OUT + f.at, f.bytes);
	}
	memcpy(out->after.data, p + HEAD_OUT + camp_the->packed_bytes, CAMP_WINDOWS);
}

static bool start(struct camp_opinion *o)
{
	fflush(o->in);
	pid_t pid = fork();
	if (pid < 0)
		return false;
	o->pid = pid;
	if (pid)
		return true;
	dup2(fileno(o->in), 0);
	dup2(fileno(o->out), 1);
	lseek(0, 0, SEEK_SET);
	alarm(MAX_SECONDS);	/* it goes on over exec */
	execl(o->qemu, o->qemu, "-cpu", camp_the->cpu, o->program, (char *)NULL);
	_exit(127);
}

bool camp_opinion_start(struct camp_opinion *o, const struct camp_case *c, unsigned n)
{
	static uint8_t record[HEAD_IN + CAMP_MAX_PACKED + CAMP_WINDOWS];
	size_t size = HEAD_IN + camp_the->packed_bytes + CAMP_WINDOWS;
	bool ok = true;

	o->in = tmpfile();
	o->out = tmpfile();
	if (!o->in || !o->out)
		return false;
	for (unsigned i = 0; i < n && ok; i++) {
		pack(&c[i], record);
		ok = fwrite(record, size, 1, o->in) == 1;
	}
	memset(record, 0, size);
	return ok && fwrite(record, size, 1, o->in) == 1 && start(o);
}

unsigned camp_opinion_take(struct camp_opinion *o, const struct camp_case *c, unsigned n, struct camp_result *out)
{
	static uint8_t record[HEAD_OUT + CAMP_MAX_PACKED + CAMP_WINDOWS];
	size_t size = HEAD_OUT + camp_the->packed_bytes + CAMP_WINDOWS;
	unsigned done = 0;
	int status = 0;

	waitpid(o->pid, &status, 0);
	rewind(o->out);
	for (; done < n && fread(record, size, 1, o->out) == 1; done++)
		unpack(record, &c[done], &out[done]);
	camp_opinion_close(o);
	return done;
}
