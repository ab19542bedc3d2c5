/*
 * How hot code calls the helper of a guard, which it hardly ever does: by way of a piece of assembler that keeps
 * every register but the result's (LLVM's preserve_all). So a guard costs hot code no spill around it and the
 * register allocator no trouble, and the call is three instructions. For emit_flow.c and object.c.
 */
#include "backend/llvm/jit.h"

/*
 * uint64_t aside(rdi: state, rsi, rdx, rcx: arguments of the helper, r8: the helper). r11 is lost. The stack
 * is aligned in front of the call; 7 pushes align it again.
 */
#define ENTER                                                                                           \
	"	push %rcx\n	push %rdx\n	push %rsi\n	push %rdi\n"                                    \
	"	push %r8\n	push %r9\n	push %r10\n"
#define LEAVE                                                                                           \
	"	pop %r10\n	pop %r9\n	pop %r8\n"                                                      \
	"	pop %rdi\n	pop %rsi\n	pop %rdx\n	pop %rcx\n"                                     \
	"	ret\n"
#define FUNCTION(name, body)                                                                            \
	"	.pushsection .text\n	.p2align 4\n	.hidden " name "\n	.globl " name "\n"              \
	"	.type " name ", @function\n" name ":\n" ENTER body LEAVE                                        \
	"	.size " name ", . - " name "\n	.popsection\n"

__asm__(FUNCTION("jit_aside_sse",
	"	sub $256, %rsp\n"
	"	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
	"	movaps %xmm\\n, \\n * 16(%rsp)\n"
	"	.endr\n"
	"	call *%r8\n"
	"	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
	"	movaps \\n * 16(%rsp), %xmm\\n\n"
	"	.endr\n"
	"	add $256, %rsp\n"));

__asm__(FUNCTION("jit_aside_avx",
	"	sub $512, %rsp\n"
	"	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
	"	vmovups %ymm\\n, \\n * 32(%rsp)\n"
	"	.endr\n"
	"	vzeroupper\n"
	"	call *%r8\n"
	"	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
	"	vmovups \\n * 32(%rsp), %ymm\\n\n"
	"	.endr\n"
	"	add $512, %rsp\n"));
