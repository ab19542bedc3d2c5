/* An interpreter that calls one function per node of a tree through pointers. */
#include "bench.h"

struct node {
	uint32_t (*eval)(const struct node *);
	const struct node *a, *b, *c;
	uint32_t value;
};

static uint32_t var[8];

static uint32_t eval(const struct node *n) { return n->eval(n); }
static uint32_t do_const(const struct node *n) { return n->value; }
static uint32_t do_var(const struct node *n) { return var[n->value]; }
static uint32_t do_add(const struct node *n) { return eval(n->a) + eval(n->b); }
static uint32_t do_sub(const struct node *n) { return eval(n->a) - eval(n->b); }
static uint32_t do_mul(const struct node *n) { return eval(n->a) * eval(n->b); }
static uint32_t do_xor(const struct node *n) { return eval(n->a) ^ eval(n->b); }
static uint32_t do_shr(const struct node *n) { return eval(n->a) >> (eval(n->b) & 31); }
static uint32_t do_less(const struct node *n) { return eval(n->a) < eval(n->b); }
static uint32_t do_set(const struct node *n) { return var[n->value] = eval(n->a); }
static uint32_t do_if(const struct node *n) { return eval(n->a) ? eval(n->b) : eval(n->c); }

static uint32_t do_seq(const struct node *n)
{
	eval(n->a);
	return eval(n->b);
}

static uint32_t do_while(const struct node *n)
{
	uint32_t last = 0;

	while (eval(n->a))
		last = eval(n->b);
	return last;
}

static struct node pool[64];
static unsigned used;

static struct node *make(uint32_t (*fn)(const struct node *), const struct node *a, const struct node *b, uint32_t value)
{
	struct node *n = &pool[used++];

	*n = (struct node){ fn, a, b, NULL, value };
	return n;
}

static struct node *get(uint32_t v) { return make(do_var, NULL, NULL, v); }
static struct node *number(uint32_t v) { return make(do_const, NULL, NULL, v); }

/* i = 0; while (i < 1000) { s = s * 31 + (i ^ s >> 3); if (s < t) t = s - i; i = i + 1 } */
static struct node *program(void)
{
	struct node *mix = make(do_add, make(do_mul, get(1), number(31), 0),
		make(do_xor, get(0), make(do_shr, get(1), number(3), 0), 0), 0);
	struct node *choose = make(do_if, make(do_less, get(1), get(2), 0),
		make(do_set, make(do_sub, get(1), get(0), 0), NULL, 2), 0);
	struct node *next = make(do_set, make(do_add, get(0), number(1), 0), NULL, 0);
	struct node *body = make(do_seq, make(do_set, mix, NULL, 1), make(do_seq, choose, next, 0), 0);

	choose->c = number(7);
	return make(do_seq, make(do_set, number(0), NULL, 0),
		make(do_while, make(do_less, get(0), number(1000), 0), body, 0), 0);
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	const struct node *p = program();

	var[2] = ~0u;
	for (unsigned round = 0; round < scale; round++) {
		eval(p);
		var[2] += 0x1000000;
	}
	return bench_end(var[1] ^ var[2]);
}
