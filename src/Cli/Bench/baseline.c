// What an encoding's words cost at best: the same walk over the same frames, in C. Every loop is here, so that the price
// of the call from C# is paid once for thousands of frames and does not matter.
#include <stdint.h>
#include <string.h>

static inline uint64_t test(const uint64_t *bitmap, uint64_t gfn)
{
	return __atomic_load_n(&bitmap[gfn / 64], __ATOMIC_ACQUIRE) >> (gfn % 64) & 1;
}

// An armed frame means another way through the kernel, so it is a branch that is not taken and not a sum: the processor
// need not wait for the bit before it goes on to the next frame. The empty assembly keeps it a branch.
#define ARMED(answer) ({ int armed_ = (answer) != 0; if (armed_) __asm__ volatile("" ::: "memory"); armed_; })

// As many to a round as in C#, see NativeSubject.
#define FRAMES_OF_A_ROUND 4

uint64_t look_up_inline(const uint64_t *bitmap, uint64_t mask, uint64_t step, uint64_t count)
{
	uint64_t gfn = 0, stopped = 0;

	for (; count; count -= FRAMES_OF_A_ROUND) {
#pragma GCC unroll 4
		for (int i = 0; i < FRAMES_OF_A_ROUND; i++) {
			if (ARMED(test(bitmap, gfn)))
				stopped++;
			gfn = (gfn + step) & mask;
		}
	}
	return stopped;
}

// The same with what every world of an encoding promises: where the words are and how many there are is looked up, and no
// frame beyond them is read.
struct region {
	const uint64_t *words;
	uint64_t count;
};

uint64_t look_up_bounded(const struct region *region, uint64_t mask, uint64_t step, uint64_t count)
{
	uint64_t gfn = 0, stopped = 0;

	for (; count; count -= FRAMES_OF_A_ROUND) {
#pragma GCC unroll 4
		for (int i = 0; i < FRAMES_OF_A_ROUND; i++) {
			if (gfn / 64 >= region->count)
				__builtin_trap();
			if (ARMED(test(region->words, gfn)))
				stopped++;
			gfn = (gfn + step) & mask;
		}
	}
	return stopped;
}

// The first again, but for a call through a pointer for each frame: an encoding is called so, too.
static __attribute__((noinline)) uint64_t test_called(const uint64_t *bitmap, uint64_t gfn)
{
	return test(bitmap, gfn);
}

static uint64_t (*volatile look_up)(const uint64_t *, uint64_t) = test_called;

uint64_t look_up_by_call(const uint64_t *bitmap, uint64_t mask, uint64_t step, uint64_t count)
{
	uint64_t gfn = 0, stopped = 0;

	while (count--) {
		if (ARMED(look_up(bitmap, gfn)))
			stopped++;
		gfn = (gfn + step) & mask;
	}
	return stopped;
}

uint64_t publish(uint64_t *bitmap, uint64_t mask, uint64_t step, uint64_t count)
{
	uint64_t gfn = 0;

	while (count--) {
		__atomic_fetch_and(&bitmap[gfn / 64], ~(1ULL << (gfn % 64)), __ATOMIC_RELEASE);
		gfn = (gfn + step) & mask;
	}
	return gfn;
}

uint64_t fill(uint64_t *bytes, uint64_t size)
{
	memset(bytes, 0xff, size);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return bytes[0];
}
