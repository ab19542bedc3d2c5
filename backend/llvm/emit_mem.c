/*
 * Guest memory. A direct access is volatile: in program order, never doubled or dropped, and
 * its address is mem + guest address. What may not go directly (a page without leave, a page
 * crossing, a misaligned address that must not be) takes a rare branch to the services of env.
 *
 * Where faults are signals, LLVM must not fold a load into the arithmetic of a later guest
 * instruction: the line table would name that one. So loaded values are made opaque.
 */
#include "backend/llvm/jit.h"

#include "dragoman/machine.h"

struct access {
	LLVMValueRef guest;		/* address with displacement, in its own width */
	LLVMValueRef host;
	LLVMValueRef entry;		/* of the table of virtual pages, where there is one */
	unsigned mem, bytes;		/* enum ir_mem */
	unsigned prot;			/* DGM_R, DGM_W */
	bool aligned;			/* must be, to go directly */
	LLVMTypeRef raw;		/* integer of `bytes`; a vector of bytes for 16 */
	LLVMValueRef x, y;		/* what is stored; expected and desired */
	unsigned op;			/* of rmw */
};

typedef LLVMValueRef way_fn(struct jit_emit *e, struct access *a);

static bool is_big(const struct access *a)
{
	return a->mem & IR_MEM_BE;
}

/* ---- addresses ---- */

/*
 * Guest addresses are the host's. A tag is taken off without the displacement, so that this is done
 * once for all fields of a structure.
 */
static LLVMValueRef own_address(struct jit_emit *e, LLVMValueRef base, const struct access *a)
{
	const struct backend_mode *mode = &e->rq->mode;
	LLVMValueRef at = jit_int_of(e, a->guest, e->i64);

	if (mode->tags && !mode->checked && LLVMTypeOf(base) == e->i64) {
		at = LLVMBuildAnd(e->b, base, jit_int(e, e->i64, ~0ull >> mode->tag_bits), "");
		if (e->in->imm)
			at = LLVMBuildAdd(e->b, at, jit_int(e, e->i64, (uint64_t)(int64_t)e->in->imm), "");
	}
	return LLVMBuildIntToPtr(e->b, at, e->ptr, "");
}

/* The displacement stays outside the 32-bit sum when guards catch what wraps. */
static LLVMValueRef direct_address(struct jit_emit *e, LLVMValueRef base, const struct access *a)
{
	int32_t disp = e->in->imm;
	bool folds = !e->rq->mode.checked && disp >= INT16_MIN && disp <= INT16_MAX && !LLVMIsAConstant(base);
	bool narrow = e->rq->mode.addr_bits == 32;
	if (!narrow && e->rq->mode.window_bits == 64)
		return own_address(e, base, a);
	LLVMValueRef at = folds ? base : a->guest, off = jit_int(e, e->i64, (uint64_t)(int64_t)disp);

	if (narrow && LLVMTypeOf(at) == e->i64)
		at = LLVMBuildTrunc(e->b, at, e->i32, "");
	if (!narrow && LLVMTypeOf(at) == e->i32)
		at = a->guest;
	bool add = folds && at != a->guest;
	at = jit_int_of(e, at, e->i64);
	LLVMValueRef host = LLVMBuildGEP2(e->b, e->i8, e->mem, &at, 1, "");
	return add ? LLVMBuildGEP2(e->b, e->i8, host, &off, 1, "") : host;
}

/* The address as 64 bits, and what it is `more` bytes on. */
static LLVMValueRef wide_address(struct jit_emit *e, const struct access *a, unsigned more)
{
	LLVMValueRef at = e->rq->mode.addr_bits == 32 ? jit_int_of(e, a->guest, e->i32) : a->guest;

	if (more)
		at = LLVMBuildAdd(e->b, at, jit_int(e, LLVMTypeOf(at), more), "");
	return jit_int_of(e, at, e->i64);
}

static LLVMValueRef tlb_field(struct jit_emit *e, LLVMValueRef entry, size_t offset)
{
	LLVMValueRef off = jit_int(e, e->i64, offset);

	return LLVMBuildLoad2(e->b, e->i64, LLVMBuildGEP2(e->b, e->i8, entry, &off, 1, ""), "");
}

/* Where a virtual page's entry is, and what the host address would be. Both may be computed for any address. */
static LLVMValueRef virtual_address(struct jit_emit *e, struct access *a)
{
	LLVMValueRef at = wide_address(e, a, 0), table, index;

	table = LLVMBuildLoad2(e->b, e->ptr, jit_env(e, ENV_OFFSET(tlb)), "");
	index = LLVMBuildLShr(e->b, at, jit_int(e, e->i64, ENV_PAGE_BITS - ENV_TLB_SHIFT), "");
	index = LLVMBuildAnd(e->b, index, jit_int(e, e->i64, (ENV_TLB_SIZE - 1) << ENV_TLB_SHIFT), "");
	a->entry = LLVMBuildGEP2(e->b, e->i8, table, &index, 1, "");
	at = LLVMBuildAdd(e->b, at, tlb_field(e, a->entry, offsetof(struct env_tlb, add)), "");
	return LLVMBuildIntToPtr(e->b, at, e->ptr, "");
}

/* The page compared is that of the last byte: an access across two pages misses. */
static LLVMValueRef not_in_tlb(struct jit_emit *e, const struct access *a)
{
	LLVMValueRef last = wide_address(e, a, a->aligned ? 0 : a->bytes - 1), tag;

	last = LLVMBuildAnd(e->b, last, jit_int(e, e->i64, ~(uint64_t)0 << ENV_PAGE_BITS), "");
	tag = tlb_field(e, a->entry, a->prot == DGM_R ? offsetof(struct env_tlb, read) : offsetof(struct env_tlb, write));
	return LLVMBuildICmp(e->b, LLVMIntNE, last, tag, "");
}

static struct access begin(struct jit_emit *e, LLVMValueRef base, unsigned prot, bool atomic)
{
	unsigned mem = e->in->aux, bytes = ir_mem_bytes(mem);
	struct access a = { .mem = mem, .bytes = bytes, .prot = prot };
	LLVMValueRef disp = jit_int(e, LLVMTypeOf(base), (uint64_t)(int64_t)e->in->imm);

	a.aligned = bytes > 1 && (atomic || mem & IR_MEM_ALIGNED);
	a.guest = e->in->imm ? LLVMBuildAdd(e->b, base, disp, "") : base;
	a.raw = bytes == 16 ? e->type[IR_I8X16] : LLVMIntTypeInContext(e->c, 8 * bytes);
	a.host = e->rq->mode.tlb ? virtual_address(e, &a) : direct_address(e, base, &a);
	return a;
}

/* Whether the access may not go directly; NULL: it always may. */
static LLVMValueRef is_rare(struct jit_emit *e, const struct access *a)
{
	LLVMBuilderRef b = e->b;
	LLVMTypeRef t = LLVMTypeOf(a->guest);
	bool wide = e->rq->mode.addr_bits == 64;
	LLVMValueRef at = jit_int_of(e, wide ? a->guest : jit_int_of(e, a->guest, e->i32), e->i64);
	LLVMValueRef odd = NULL, table, page, prot, bad;

	if (a->aligned) {
		/* checked: what may lie in two pages is not for here */
		bool word = a->mem & IR_MEM_WORD && !e->rq->mode.checked;
		odd = LLVMBuildAnd(b, a->guest, jit_int(e, t, word ? ir_mem_fault_bits(a->mem) : a->bytes - 1), "");
		odd = LLVMBuildICmp(b, LLVMIntNE, odd, LLVMConstNull(t), "");
	}
	if (!e->rq->mode.checked && wide && e->rq->mode.window_bits < 64) {
		bad = LLVMBuildLShr(b, at, jit_int(e, e->i64, e->rq->mode.window_bits), "");
		bad = LLVMBuildICmp(b, LLVMIntNE, bad, LLVMConstNull(e->i64), "");
		return odd ? LLVMBuildOr(b, bad, odd, "") : bad;
	}
	if (!e->rq->mode.checked)
		return odd;
	if (e->rq->mode.tlb) {
		bad = not_in_tlb(e, a);
		return odd ? LLVMBuildOr(b, bad, odd, "") : bad;
	}
	if (!a->aligned && a->bytes > 1) {
		odd = LLVMBuildAnd(b, a->guest, jit_int(e, t, 4095), "");
		odd = LLVMBuildICmp(b, LLVMIntUGT, odd, jit_int(e, t, 4096 - a->bytes), "");
	}
	table = LLVMBuildLoad2(b, e->ptr, jit_env(e, ENV_OFFSET(page_prot)), "");
	page = LLVMBuildLShr(b, at, jit_int(e, e->i64, 12), "");
	if (wide)
		bad = LLVMBuildICmp(b, LLVMIntUGE, page,
				    LLVMBuildLoad2(b, e->i64, jit_env(e, ENV_OFFSET(page_count)), ""), "");
	else
		bad = LLVMBuildICmp(b, LLVMIntEQ, table, LLVMConstNull(e->ptr), "");
	if (odd)
		bad = LLVMBuildOr(b, bad, odd, "");
	/* the table is looked into even if the access is odd, but not when there is none */
	LLVMBasicBlockRef look = jit_new_block(e), joined = jit_new_block(e), here = LLVMGetInsertBlock(b);
	jit_branch_rare(e, bad, joined, look);
	LLVMPositionBuilderAtEnd(b, look);
	prot = LLVMBuildLoad2(b, e->i8, LLVMBuildGEP2(b, e->i8, table, &page, 1, ""), "");
	prot = LLVMBuildAnd(b, prot, jit_int(e, e->i8, a->prot), "");
	prot = LLVMBuildICmp(b, LLVMIntNE, prot, jit_int(e, e->i8, a->prot), "");
	LLVMBuildBr(b, joined);
	LLVMPositionBuilderAtEnd(b, joined);
	LLVMValueRef phi = LLVMBuildPhi(b, e->i1, ""), yes = LLVMConstInt(e->i1, 1, false);
	LLVMAddIncoming(phi, &yes, &here, 1);
	LLVMAddIncoming(phi, &prot, &look, 1);
	return phi;
}

/*
 * Both ways, joined; the rare one leaves on a fault. Where it is more than faults, it has every slot in memory. Otherwise
 * slots are there before each access already, or faults may find them stale (mode.precise), and flags that
 * nothing else looks at need not be known in every round of a loop.
 */
static LLVMValueRef perform(struct jit_emit *e, struct access *a, way_fn *direct, way_fn *service)
{
	LLVMValueRef rare = is_rare(e, a), v[2], phi;
	LLVMBasicBlockRef slow, fast, joined, from[2];

	if (!rare)
		return direct(e, a);
	slow = jit_new_block(e);
	fast = jit_new_block(e);
	joined = jit_new_block(e);
	jit_branch_rare(e, rare, slow, fast);
	LLVMPositionBuilderAtEnd(e->b, fast);
	v[0] = direct(e, a);
	from[0] = LLVMGetInsertBlock(e->b);
	LLVMBuildBr(e->b, joined);
	LLVMPositionBuilderAtEnd(e->b, slow);
	if (e->rq->mode.checked || e->rq->mode.exact_align)
		jit_flush(e, false);
	v[1] = service(e, a);
	from[1] = LLVMGetInsertBlock(e->b);
	LLVMBuildBr(e->b, joined);
	LLVMPositionBuilderAtEnd(e->b, joined);
	if (!v[0])
		return NULL;
	phi = LLVMBuildPhi(e->b, LLVMTypeOf(v[0]), "");
	LLVMAddIncoming(phi, v, from, 2);
	return phi;
}

/* ---- values and bytes ---- */

static LLVMValueRef swapped(struct jit_emit *e, const struct access *a, LLVMValueRef v)
{
	LLVMValueRef lane[16];
	LLVMTypeRef raw = a->raw;

	if (!is_big(a) || a->bytes == 1)
		return v;
	if (a->bytes < 16)
		return jit_intrinsic(e, "llvm.bswap", &raw, 1, &v, 1);
	for (unsigned i = 0; i < 16; i++)
		lane[i] = jit_int(e, e->i32, 15 - i);
	return LLVMBuildShuffleVector(e->b, v, LLVMGetUndef(raw), LLVMConstVector(lane, 16), "");
}

/* The bits of a value in the integer an access has; floats and wider integers come in, too. */
static LLVMValueRef to_raw(struct jit_emit *e, const struct access *a, LLVMValueRef v)
{
	LLVMTypeKind k = LLVMGetTypeKind(LLVMTypeOf(v));

	if (a->bytes == 16)
		return LLVMBuildBitCast(e->b, v, a->raw, "");
	if (k == LLVMFloatTypeKind || k == LLVMDoubleTypeKind)
		v = LLVMBuildBitCast(e->b, v, k == LLVMFloatTypeKind ? e->i32 : e->i64, "");
	return jit_int_of(e, v, a->raw);
}

static LLVMValueRef from_raw(struct jit_emit *e, const struct access *a, LLVMValueRef v)
{
	LLVMTypeRef to = e->type[e->in->type];

	if (LLVMGetTypeKind(to) != LLVMIntegerTypeKind)
		return LLVMBuildBitCast(e->b, v, to, "");
	if (a->mem & IR_MEM_SEXT && LLVMGetIntTypeWidth(to) > 8 * a->bytes)
		return LLVMBuildSExt(e->b, v, to, "");
	return jit_int_of(e, v, to);
}

static LLVMValueRef guest_address(struct jit_emit *e, const struct access *a)
{
	LLVMValueRef at = a->guest;

	if (e->rq->mode.addr_bits == 32)
		at = jit_int_of(e, at, e->i32);
	return jit_int_of(e, at, e->i64);
}

static bool is_float(LLVMTypeRef t)
{
	LLVMTypeKind k = LLVMGetTypeKind(t);

	return k == LLVMFloatTypeKind || k == LLVMDoubleTypeKind;
}

/*
 * The bytes of a float or double the other way round, in the vector register it is in anyway: one
 * shuffle, where a way through an integer register takes two moves and a swap.
 */
static LLVMValueRef swapped_float(struct jit_emit *e, LLVMValueRef v)
{
	LLVMTypeRef t = LLVMTypeOf(v);
	unsigned bytes = LLVMGetTypeKind(t) == LLVMFloatTypeKind ? 4 : 8;
	LLVMTypeRef vec = LLVMVectorType(t, 16 / bytes), lanes = e->type[IR_I8X16];
	LLVMValueRef lane[16], zero = jit_int(e, e->i32, 0);

	v = LLVMBuildInsertElement(e->b, LLVMGetUndef(vec), v, zero, "");
	v = LLVMBuildBitCast(e->b, v, lanes, "");
	for (unsigned i = 0; i < 16; i++)
		lane[i] = i < bytes ? jit_int(e, e->i32, bytes - 1 - i) : LLVMGetUndef(e->i32);
	v = LLVMBuildShuffleVector(e->b, v, LLVMGetUndef(lanes), LLVMConstVector(lane, 16), "");
	return LLVMBuildExtractElement(e->b, LLVMBuildBitCast(e->b, v, vec, ""), zero, "");
}

/* ---- load ---- */

/* What an opaque value was extended from: LLVM cannot see that it is small any more. */
static void set_range(struct jit_emit *e, const struct access *a, LLVMValueRef v)
{
	LLVMTypeRef t = LLVMTypeOf(v);
	bool is_signed = a->mem & IR_MEM_SEXT;
	uint64_t n = 1ull << (8 * a->bytes - is_signed);
	LLVMMetadataRef r[2];

	r[0] = LLVMValueAsMetadata(jit_int(e, t, is_signed ? 0 - n : 0));
	r[1] = LLVMValueAsMetadata(jit_int(e, t, n));
	LLVMSetMetadata(v, e->range_kind, LLVMMetadataAsValue(e->c, LLVMMDNodeInContext2(e->c, r, 2)));
}

static LLVMValueRef load_direct(struct jit_emit *e, struct access *a)
{
	LLVMTypeRef to = e->type[e->in->type];
	bool as_is = LLVMGetTypeKind(to) != LLVMIntegerTypeKind && (!is_big(a) || is_float(to));
	LLVMValueRef v = LLVMBuildLoad2(e->b, as_is ? to : a->raw, a->host, "");

	LLVMSetVolatile(v, true);
	LLVMSetAlignment(v, 1);
	if (!as_is)
		v = from_raw(e, a, swapped(e, a, v));
	else if (is_big(a))
		v = swapped_float(e, v);
	if (e->rq->mode.checked)
		return v;
	v = jit_opaque(e, v, false);
	if (LLVMGetTypeKind(to) == LLVMIntegerTypeKind && LLVMGetIntTypeWidth(to) > 8 * a->bytes)
		set_range(e, a, v);
	return v;
}

static LLVMValueRef scratch(struct jit_emit *e)
{
	if (!e->scratch) {
		e->scratch = LLVMBuildAlloca(e->first, e->type[IR_I8X16], "");
		LLVMSetAlignment(e->scratch, 16);
	}
	return e->scratch;
}

static LLVMValueRef load_service(struct jit_emit *e, struct access *a)
{
	LLVMValueRef mem = jit_int(e, e->i64, a->mem), pc = jit_int(e, e->i64, e->pc), v;

	if (a->bytes == 16) {
		LLVMValueRef arg[4] = { guest_address(e, a), mem, scratch(e), pc };
		jit_service(e, offsetof(struct env_services, load128), arg, 4);
		jit_leave_on_exit(e);
		return LLVMBuildLoad2(e->b, e->type[e->in->type], scratch(e), "");
	}
	LLVMValueRef arg[3] = { guest_address(e, a), mem, pc };
	v = jit_service(e, offsetof(struct env_services, load), arg, 3);
	jit_leave_on_exit(e);
	return from_raw(e, a, jit_int_of(e, v, a->raw));
}

LLVMValueRef jit_emit_load(struct jit_emit *e)
{
	struct access a = begin(e, e->arg[0], DGM_R, false);

	return perform(e, &a, load_direct, load_service);
}

/* ---- store ---- */

static LLVMValueRef store_direct(struct jit_emit *e, struct access *a)
{
	LLVMTypeRef t = LLVMTypeOf(a->x);
	LLVMValueRef v = a->x;

	if (is_float(t))
		v = is_big(a) ? swapped_float(e, v) : v;
	else if (is_big(a) || LLVMGetTypeKind(t) == LLVMIntegerTypeKind)
		v = swapped(e, a, to_raw(e, a, v));
	LLVMValueRef st = LLVMBuildStore(e->b, v, a->host);

	LLVMSetVolatile(st, true);
	LLVMSetAlignment(st, 1);
	/* x86 keeps all orders but this one: a later load may not overtake a releasing store */
	if (a->mem & IR_MEM_RELEASE)
		LLVMBuildFence(e->b, LLVMAtomicOrderingSequentiallyConsistent, false, "");
	return NULL;
}

static LLVMValueRef store_service(struct jit_emit *e, struct access *a)
{
	LLVMValueRef mem = jit_int(e, e->i64, a->mem), pc = jit_int(e, e->i64, e->pc);

	if (a->bytes == 16) {
		LLVMValueRef arg[4] = { guest_address(e, a), mem, scratch(e), pc };
		LLVMBuildStore(e->b, a->x, scratch(e));
		jit_service(e, offsetof(struct env_services, store128), arg, 4);
	} else {
		LLVMValueRef arg[4] = { guest_address(e, a), mem, jit_int_of(e, to_raw(e, a, a->x), e->i64), pc };
		jit_service(e, offsetof(struct env_services, store), arg, 4);
	}
	jit_leave_on_exit(e);
	return NULL;
}

LLVMValueRef jit_emit_store(struct jit_emit *e)
{
	struct access a = begin(e, e->arg[0], DGM_W, false);

	a.x = e->arg[1];
	perform(e, &a, store_direct, store_service);
	return NULL;
}

/* ---- under a condition ---- */

/* The access happens on a way of its own, which joins the other behind it. */
struct detour {
	LLVMBasicBlockRef from, joined;
};

static struct detour begin_detour(struct jit_emit *e, LLVMValueRef c)
{
	LLVMBasicBlockRef try = jit_new_block(e);
	struct detour d = { LLVMGetInsertBlock(e->b), jit_new_block(e) };

	LLVMBuildCondBr(e->b, c, try, d.joined);
	LLVMPositionBuilderAtEnd(e->b, try);
	return d;
}

static LLVMBasicBlockRef end_detour(struct jit_emit *e, struct detour d)
{
	LLVMBasicBlockRef end = LLVMGetInsertBlock(e->b);

	LLVMBuildBr(e->b, d.joined);
	LLVMPositionBuilderAtEnd(e->b, d.joined);
	return end;
}

LLVMValueRef jit_emit_load_if(struct jit_emit *e)
{
	struct detour d = begin_detour(e, e->arg[0]);
	struct access a = begin(e, e->arg[2], DGM_R, false);
	LLVMValueRef v[2] = { e->arg[1], perform(e, &a, load_direct, load_service) }, phi;
	LLVMBasicBlockRef from[2] = { d.from, end_detour(e, d) };

	phi = LLVMBuildPhi(e->b, LLVMTypeOf(v[0]), "");
	LLVMAddIncoming(phi, v, from, 2);
	return phi;
}

LLVMValueRef jit_emit_store_if(struct jit_emit *e)
{
	struct detour d = begin_detour(e, e->arg[0]);
	struct access a = begin(e, e->arg[1], DGM_W, false);

	a.x = e->arg[2];
	perform(e, &a, store_direct, store_service);
	end_detour(e, d);
	return NULL;
}

/* ---- atomics: natural alignment, sequentially consistent ---- */

static LLVMValueRef exchange(struct jit_emit *e, struct access *a, LLVMValueRef want, LLVMValueRef put)
{
	LLVMAtomicOrdering sc = LLVMAtomicOrderingSequentiallyConsistent;
	LLVMValueRef pair = LLVMBuildAtomicCmpXchg(e->b, a->host, want, put, sc, sc, false);

	LLVMSetAlignment(pair, a->bytes);
	LLVMSetVolatile(pair, true);
	return LLVMBuildExtractValue(e->b, pair, 0, "");
}

/* The old value in the integer of the access. */
static LLVMValueRef cas_direct(struct jit_emit *e, struct access *a)
{
	LLVMValueRef want = swapped(e, a, to_raw(e, a, a->x)), put = swapped(e, a, to_raw(e, a, a->y));

	return swapped(e, a, exchange(e, a, want, put));
}

static LLVMValueRef cas_service(struct jit_emit *e, struct access *a)
{
	LLVMValueRef arg[5] = {
		guest_address(e, a), jit_int(e, e->i64, a->mem | (e->in->op == IR_OP_stcond ? ENV_MEM_COND : 0u)),
		jit_int_of(e, to_raw(e, a, a->x), e->i64),
		jit_int_of(e, to_raw(e, a, a->y), e->i64), jit_int(e, e->i64, e->pc),
	};
	LLVMValueRef v = jit_service(e, offsetof(struct env_services, cas), arg, 5);

	jit_leave_on_exit(e);
	return jit_int_of(e, v, a->raw);
}

static LLVMValueRef zero_extended(struct jit_emit *e, LLVMValueRef v)
{
	LLVMTypeRef to = e->type[e->in->type];

	v = LLVMGetTypeKind(to) == LLVMIntegerTypeKind ? jit_int_of(e, v, to) : LLVMBuildBitCast(e->b, v, to, "");
	return e->rq->mode.checked ? v : jit_opaque(e, v, false);
}

/* A 128-bit atomic is a helper's. */
static bool too_wide(struct jit_emit *e, const struct access *a)
{
	if (a->bytes == 16)
		e->failed = DGM_E_UNSUP;
	return a->bytes == 16;
}

LLVMValueRef jit_emit_cas(struct jit_emit *e)
{
	struct access a = begin(e, e->arg[0], DGM_R | DGM_W, true);

	if (too_wide(e, &a))
		return NULL;
	a.x = e->arg[1];
	a.y = e->arg[2];
	return zero_extended(e, perform(e, &a, cas_direct, cas_service));
}

LLVMValueRef jit_emit_stcond(struct jit_emit *e)
{
	LLVMBasicBlockRef try = jit_new_block(e), next = jit_new_block(e), from[2];
	LLVMValueRef done[2] = { LLVMConstInt(e->i1, 0, false) }, old, phi;
	struct access a;

	from[0] = LLVMGetInsertBlock(e->b);
	LLVMBuildCondBr(e->b, e->arg[0], try, next);
	LLVMPositionBuilderAtEnd(e->b, try);
	a = begin(e, e->arg[1], DGM_R | DGM_W, true);
	if (too_wide(e, &a))
		return NULL;
	a.x = e->arg[2];
	a.y = e->arg[3];
	old = perform(e, &a, cas_direct, cas_service);
	done[1] = LLVMBuildICmp(e->b, LLVMIntEQ, old, to_raw(e, &a, a.x), "");
	from[1] = LLVMGetInsertBlock(e->b);
	LLVMBuildBr(e->b, next);
	LLVMPositionBuilderAtEnd(e->b, next);
	phi = LLVMBuildPhi(e->b, e->i1, "");
	LLVMAddIncoming(phi, done, from, 2);
	return phi;
}

/* A sum in the other byte order: no host instruction, so until nobody came between. */
static LLVMValueRef swapped_add(struct jit_emit *e, struct access *a)
{
	LLVMBasicBlockRef before = LLVMGetInsertBlock(e->b), loop = jit_new_block(e), done = jit_new_block(e);
	LLVMValueRef first = LLVMBuildLoad2(e->b, a->raw, a->host, ""), old, sum, seen;

	LLVMSetVolatile(first, true);
	LLVMSetAlignment(first, a->bytes);
	LLVMBuildBr(e->b, loop);
	LLVMPositionBuilderAtEnd(e->b, loop);
	old = LLVMBuildPhi(e->b, a->raw, "");
	sum = LLVMBuildAdd(e->b, swapped(e, a, old), to_raw(e, a, a->x), "");
	seen = exchange(e, a, old, swapped(e, a, sum));
	LLVMAddIncoming(old, &first, &before, 1);
	LLVMAddIncoming(old, &seen, &loop, 1);
	jit_branch_rare(e, LLVMBuildICmp(e->b, LLVMIntNE, seen, old, ""), loop, done);
	LLVMPositionBuilderAtEnd(e->b, done);
	return swapped(e, a, seen);
}

static LLVMValueRef rmw_direct(struct jit_emit *e, struct access *a)
{
	static const LLVMAtomicRMWBinOp op[] = {
		[IR_OP_rmw_xchg - IR_OP_rmw_xchg] = LLVMAtomicRMWBinOpXchg,
		[IR_OP_rmw_add - IR_OP_rmw_xchg] = LLVMAtomicRMWBinOpAdd,
		[IR_OP_rmw_and - IR_OP_rmw_xchg] = LLVMAtomicRMWBinOpAnd,
		[IR_OP_rmw_or - IR_OP_rmw_xchg] = LLVMAtomicRMWBinOpOr,
		[IR_OP_rmw_xor - IR_OP_rmw_xchg] = LLVMAtomicRMWBinOpXor,
	};
	LLVMValueRef v;

	if (a->op == IR_OP_rmw_add && is_big(a) && a->bytes > 1)
		return swapped_add(e, a);
	v = LLVMBuildAtomicRMW(e->b, op[a->op - IR_OP_rmw_xchg], a->host, swapped(e, a, to_raw(e, a, a->x)),
			       LLVMAtomicOrderingSequentiallyConsistent, false);
	LLVMSetAlignment(v, a->bytes);
	LLVMSetVolatile(v, true);
	return swapped(e, a, v);
}

static LLVMValueRef rmw_service(struct jit_emit *e, struct access *a)
{
	LLVMValueRef arg[5] = {
		guest_address(e, a), jit_int(e, e->i64, a->mem), jit_int(e, e->i64, a->op),
		jit_int_of(e, to_raw(e, a, a->x), e->i64), jit_int(e, e->i64, e->pc),
	};
	LLVMValueRef v = jit_service(e, offsetof(struct env_services, rmw), arg, 5);

	jit_leave_on_exit(e);
	return jit_int_of(e, v, a->raw);
}

static LLVMValueRef read_modify_write(struct jit_emit *e)
{
	struct access a = begin(e, e->arg[0], DGM_R | DGM_W, true);

	if (too_wide(e, &a))
		return NULL;
	a.x = e->arg[1];
	a.op = e->in->op;
	return zero_extended(e, perform(e, &a, rmw_direct, rmw_service));
}

LLVMValueRef jit_emit_rmw_xchg(struct jit_emit *e)
{
	return read_modify_write(e);
}

LLVMValueRef jit_emit_rmw_add(struct jit_emit *e)
{
	return read_modify_write(e);
}

LLVMValueRef jit_emit_rmw_and(struct jit_emit *e)
{
	return read_modify_write(e);
}

LLVMValueRef jit_emit_rmw_or(struct jit_emit *e)
{
	return read_modify_write(e);
}

LLVMValueRef jit_emit_rmw_xor(struct jit_emit *e)
{
	return read_modify_write(e);
}

LLVMValueRef jit_emit_order(struct jit_emit *e)
{
	LLVMBuildFence(e->b, LLVMAtomicOrderingAcquireRelease, false, "");
	return NULL;
}

LLVMValueRef jit_emit_fence(struct jit_emit *e)
{
	LLVMBuildFence(e->b, LLVMAtomicOrderingSequentiallyConsistent, false, "");
	return NULL;
}
