#include <string.h>

#include "frontend/common/picture.h"

bool picture_compile(const char *text, struct picture *out)
{
	uint32_t mask = 0, match = 0;
	unsigned n = 0;

	for (const char *p = text; *p; p++) {
		if (*p == ' ')
			continue;
		mask = mask << 1 | (*p == '0' || *p == '1');
		match = match << 1 | (*p == '1');
		n++;
	}
	*out = (struct picture){ mask, match };
	return n == 32;
}

uint32_t picture_field(const char *text, char letter, uint32_t word)
{
	uint32_t field = 0;
	unsigned bit = 32;

	for (const char *p = text; *p && bit; p++) {
		if (*p == ' ')
			continue;
		bit--;
		if (*p == letter)
			field = field << 1 | (word >> bit & 1);
	}
	return field;
}

/* Counts the picture in each bucket its words fall into, or enters it there. */
static void enter(struct picture_index *x, uint32_t key, picture_bucket_fn *bucket_of, const struct picture *p,
		  unsigned number, bool count)
{
	uint32_t open = key & ~p->mask, sub = 0;

	do {
		unsigned bucket = bucket_of(p->match | sub);

		if (count)
			x->first[bucket + 1]++;
		else
			x->row[x->first[bucket]++] = (uint16_t)number;
		sub = (sub - open) & open;	/* the next larger subset of the open bits */
	} while (sub);
}

bool picture_index_make(struct picture_index *x, const struct base_alloc *alloc, uint32_t key,
			picture_bucket_fn *bucket_of, unsigned n_buckets, const struct picture *picture,
			size_t stride, unsigned from, unsigned end)
{
	const char *at = (const char *)picture;

	x->first = base_alloc_zero(alloc, (n_buckets + 1) * sizeof *x->first);
	if (!x->first)
		return false;
	for (unsigned i = from; i < end; i++)
		enter(x, key, bucket_of, (const void *)(at + i * stride), i, true);
	for (unsigned i = 0; i < n_buckets; i++)
		x->first[i + 1] += x->first[i];
	x->row = base_alloc_zero(alloc, (x->first[n_buckets] + 1u) * sizeof *x->row);
	if (!x->row)
		return false;
	for (unsigned i = from; i < end; i++)
		enter(x, key, bucket_of, (const void *)(at + i * stride), i, false);
	/* entering has moved each beginning to the next one's place */
	memmove(x->first + 1, x->first, n_buckets * sizeof *x->first);
	x->first[0] = 0;
	return true;
}

void picture_index_free(struct picture_index *x, const struct base_alloc *alloc)
{
	base_free(alloc, x->first);
	base_free(alloc, x->row);
}
