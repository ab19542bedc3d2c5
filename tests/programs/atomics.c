/* The atomic built-ins on all sizes up to a word, which become lwarx and stwcx. loops. */
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>

static _Atomic uint32_t word = 5;
static _Atomic uint16_t half = 0xfff0;
static _Atomic uint8_t byte = 250;
static void *_Atomic pointer;

static void on_word(void)
{
	uint32_t want = 6, old = atomic_fetch_add(&word, 10);

	printf("%u %u\n", old, atomic_load(&word));
	printf("%d ", atomic_compare_exchange_strong(&word, &want, 99));
	printf("%u ", want);
	printf("%d ", atomic_compare_exchange_strong(&word, &want, 99));
	printf("%u\n", atomic_exchange(&word, 0x12345678));
	printf("%x ", atomic_fetch_and(&word, 0xff00ff));
	printf("%x ", atomic_fetch_or(&word, 0xff00));
	printf("%x ", atomic_fetch_xor(&word, ~0u));
	printf("%x ", atomic_fetch_sub(&word, 1));
	printf("%x\n", atomic_load_explicit(&word, memory_order_acquire));
	printf("%x\n", __atomic_nand_fetch(&word, 0xf0f0, __ATOMIC_SEQ_CST));
}

static void on_small(void)
{
	for (int i = 0; i < 20; i++) {
		atomic_fetch_add(&half, 1);
		atomic_fetch_add(&byte, 1);
	}
	printf("%u %u\n", atomic_load(&half), atomic_load(&byte));
	printf("%u ", atomic_exchange(&half, 7));
	printf("%u ", atomic_exchange(&byte, 9));
	printf("%u %u\n", __sync_val_compare_and_swap(&half, 7, 8), __sync_bool_compare_and_swap(&byte, 8, 1));
}

int main(void)
{
	static volatile int lock;
	int entered = 0;

	on_word();
	on_small();
	atomic_store(&pointer, &lock);
	printf("%d\n", atomic_load(&pointer) == &lock);
	for (int i = 0; i < 1000; i++) {
		while (__sync_lock_test_and_set(&lock, 1))
			;
		entered++;
		__sync_lock_release(&lock);
		__sync_synchronize();
	}
	printf("%d %d\n", entered, lock);
	return 0;
}
