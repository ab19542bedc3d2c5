/* What a request logs when asked: the module as LLVM text, the code as host assembler. */
#include <stdio.h>
#include <string.h>

#include <llvm-c/Disassembler.h>

#include "backend/llvm/jit.h"

void jit_dump_module(const struct backend_request *rq, LLVMModuleRef m)
{
	char *text = LLVMPrintModuleToString(m);

	if (!text)
		return;
	for (char *line = text, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!end) {
			rq->log(rq->log_ud, line);
			break;
		}
		*end = 0;
		rq->log(rq->log_ud, line);
	}
	LLVMDisposeMessage(text);
}

/* Where a relocated field of [at, at + n) leads, or "". */
static void name_target(const struct code_object *o, uint32_t at, size_t n, char *buf, size_t size)
{
	*buf = 0;
	for (unsigned i = 0; i < o->n_reloc; i++) {
		const struct code_reloc *r = &o->reloc[i];

		if (r->offset < at || r->offset >= at + n || r->kind != CODE_RELOC_EXIT)
			continue;
		snprintf(buf, size, "  ; exit %u to 0x%llx", r->index,
			 (unsigned long long)o->exit[r->index].target);
	}
}

void jit_dump_code(const struct jit *j, const struct backend_request *rq, const struct code_object *o)
{
	LLVMDisasmContextRef d = LLVMCreateDisasmCPUFeatures(j->triple, j->cpu, j->features, NULL, 0, NULL, NULL);
	unsigned side = 0;
	uint32_t at = 0;

	if (!d)
		return;
	while (at < o->size) {
		char text[128], line[224], to[48];
		size_t n = LLVMDisasmInstruction(d, o->code + at, o->size - at, at, text, sizeof text);

		if (side < o->n_side && o->side[side].offset <= at) {
			snprintf(line, sizeof line, "0x%llx:", (unsigned long long)o->side[side++].pc);
			rq->log(rq->log_ud, line);
		}
		if (!n) {
			n = 1;
			snprintf(text, sizeof text, "\t.byte\t0x%02x", o->code[at]);
		}
		name_target(o, at, n, to, sizeof to);
		snprintf(line, sizeof line, "  %4x%s%s", at, text, to);
		rq->log(rq->log_ud, line);
		at += (uint32_t)n;
	}
	LLVMDisasmDispose(d);
}
