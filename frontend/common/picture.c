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
