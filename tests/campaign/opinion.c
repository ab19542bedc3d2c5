/* qemu's user mode as a second opinion: a program for the guest reads a file of cases and executes each. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "campaign.h"

enum { MAX_SECONDS = 60, CODE_BYTES = 8 };

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

static void order(void *to, const void *from, unsigned n)
{
	qemu_order(camp_the->isa->fe->big_endian, to, from, n);
}

/* Of a case on its way to qemu. */
static size_t bytes_in(void)
{
	return QEMU_HEAD_IN + camp_the->states->bytes + CAMP_WINDOWS + CODE_BYTES;
}

static uint64_t get(const uint8_t *p, unsigned n)
{
	uint64_t v = 0;

	order(&v, p, n);
	return v;
}

static void pack(const struct camp_case *c, uint8_t *p)
{
	struct camp_state s = c->before;
	uint32_t n = CODE_BYTES;
	struct qemu_field f;

	memset(p, 0, bytes_in());
	order(p, &n, 4);
	order(p + 8, &camp_the->filler, 4);
	for (unsigned i = 0; qemu_field(camp_the->states, i, &f); i++)
		order(p + QEMU_HEAD_IN + f.at, camp_reg(&s, f.id), f.bytes);
	p += QEMU_HEAD_IN + camp_the->states->bytes;
	memcpy(p, s.data, CAMP_WINDOWS);
	p += CAMP_WINDOWS;
	for (unsigned i = 0; i < CODE_BYTES; i += 4)
		order(p + i, &camp_the->filler, 4);
	memcpy(p, c->word->code, c->word->n);
}

/* Their signal, as an end of ours. */
static void read_end(const uint8_t *p, const struct camp_case *c, struct camp_result *out)
{
	uint32_t sig = (uint32_t)get(p, 4);
	uint64_t pc = get(p + 8, 8), addr = get(p + 16, 8);
	bool at_code = pc >= GUEST_CODE && pc < GUEST_CODE + c->word->n;

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
	struct qemu_field f;

	out->after = c->before;
	read_end(p, c, out);
	for (unsigned i = 0; qemu_field(camp_the->states, i, &f); i++) {
		struct guest_value *v = camp_reg(&out->after, f.id);

		*v = (struct guest_value){ 0, 0 };
		order(v, p + QEMU_HEAD_OUT + f.at, f.bytes);
	}
	memcpy(out->after.data, p + QEMU_HEAD_OUT + camp_the->states->bytes, CAMP_WINDOWS);
}

bool camp_opinion_start(struct camp_opinion *o, const struct camp_case *c, unsigned n)
{
	static uint8_t record[QEMU_HEAD_IN + QEMU_MAX_STATE + CAMP_WINDOWS + CODE_BYTES];
	size_t size = bytes_in();
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
	if (!ok || fwrite(record, size, 1, o->in) != 1)
		return false;
	o->pid = qemu_start(camp_the->states, o->qemu, o->program, o->in, o->out, MAX_SECONDS);
	return o->pid > 0;
}

unsigned camp_opinion_take(struct camp_opinion *o, const struct camp_case *c, unsigned n, struct camp_result *out)
{
	static uint8_t record[QEMU_HEAD_OUT + QEMU_MAX_STATE + CAMP_WINDOWS];
	size_t size = QEMU_HEAD_OUT + camp_the->states->bytes + CAMP_WINDOWS;
	unsigned done = 0;
	int status = 0;

	waitpid(o->pid, &status, 0);
	rewind(o->out);
	for (; done < n && fread(record, size, 1, o->out) == 1; done++)
		unpack(record, &c[done], &out[done]);
	camp_opinion_close(o);
	return done;
}
