/* Compiled beside a plugin's file: runs a half up to its next call, and leaves it there. */
#define _GNU_SOURCE
#define UAPILAB_SHIM
#include "uapilab.h"
#include <dlfcn.h>
#include <execinfo.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

/* Basic blocks of a half between two calls; more is a loop without an end. */
#define MOST_STEPS 10000000

enum how_left { RETURNED, ASKS, LOOPS, STRAYS, OPTION };

struct run {
	const u64 *answers;                     /* four words each */
	const struct uapi_place *const *asked;  /* the place of each */
	const u32 *options;
	u32 given;
	u32 next;
	u64 steps;
	u64 left_at;                            /* a place in the half, from the start of the library */
	const struct uapi_place *place;
	u64 argument[5];
	u64 result[4];
	void **leave;
	enum how_left how;
};

/* The compiler's own pair saves three words. Clang has it on x86 alone. */
#if defined(__x86_64__) || !defined(__clang__)
#define ROOM_TO_LEAVE 5
#define SET_JUMP(room) __builtin_setjmp(room)
#define JUMP(room) __builtin_longjmp(room, 1)
#else
#define ROOM_TO_LEAVE (sizeof(jmp_buf) / sizeof(void *) + 1)
#define SET_JUMP(room) _setjmp(*(jmp_buf *)(room))
#define JUMP(room) _longjmp(*(jmp_buf *)(room), 1)
#endif

extern const unsigned int uapi_abi;

/* The start of this library, which the linker knows. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));

/* There is one in a process with AddressSanitizer: frames that are left by a jump are not cleaned up by their code. */
extern void __asan_unpoison_memory_region(const void *from, size_t size) __attribute__((weak));

static __thread struct run *running __attribute__((tls_model("initial-exec")));

static __attribute__((noreturn, noinline)) void leave(struct run *run, enum how_left how)
{
	const char *frame = __builtin_frame_address(0);

	if (__asan_unpoison_memory_region)
		__asan_unpoison_memory_region(frame, (size_t)((const char *)run->leave - frame));
	run->how = how;
	JUMP(run->leave);
}

const u64 *uapi_request(const struct uapi_place *place, u64 a, u64 b, u64 c, u64 d, u64 e)
{
	struct run *run = running;

	run->steps = 0;
	if (run->next < run->given) {
		if (run->asked[run->next] == place)
			return run->answers + 4 * run->next++;
		run->place = place;
		leave(run, STRAYS);
	}
	run->place = place;
	run->argument[0] = a;
	run->argument[1] = b;
	run->argument[2] = c;
	run->argument[3] = d;
	run->argument[4] = e;
	leave(run, ASKS);
}

unsigned int uapi_option(int option)
{
	struct run *run = running;

	if (option >= 0 && option < uapi_encoding.nr_options)
		return run->options[option];
	run->left_at = (u64)((const char *)__builtin_return_address(0) - __ehdr_start);
	run->argument[0] = (u64)option;
	leave(run, OPTION);
}

/* The compiler calls it in every basic block of a half. */
void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
	struct run *run = running;

	if (run && ++run->steps > MOST_STEPS) {
		run->left_at = (u64)((const char *)__builtin_return_address(0) - __ehdr_start);
		leave(run, LOOPS);
	}
}

/* In the order of CEntry. */
enum entry {
	GUEST_FAULT, RUN, RUN_RETURN, KVM_IOCTL, KVM_EVENTFD, WORK, BEFORE_HALT, APF_DELIVERED, QUEUE_CLEARING,
	QUEUE_CLEARED, MEMSLOT_CHANGE, ARM, VMM_EXIT, CONTENT_ARRIVED, FETCH_STARTED, VCPU_CREATED, TRACK_WRITES,
	VMM_EVENTFD,
};

static void call(enum entry entry, const u64 *a, u64 *result)
{
	const struct uapi_kvm_half *kvm = &uapi_encoding.kvm;
	const struct uapi_vmm_half *vmm = &uapi_encoding.vmm;

	switch (entry) {
	case GUEST_FAULT: {
		const struct kvm_fault fault = {
			.vcpu = (int)a[0], .gfn = a[1], .access = (enum kvm_access)a[2], .prefetch = a[3] & 1,
			.is_private = a[3] >> 1 & 1,
		};
		const struct kvm_answer answer = kvm->guest_fault(&fault);

		result[0] = answer.verdict;
		result[1] = answer.flags;
		result[2] = answer.extra;
		result[3] = (u64)answer.error;
		break;
	}
	case RUN: {
		const struct kvm_run_answer answer = kvm->run((int)a[0], a[1]);

		result[0] = answer.exit_again;
		result[1] = answer.gfn;
		result[2] = answer.flags;
		result[3] = answer.extra;
		break;
	}
	case RUN_RETURN:
		kvm->run_return((int)a[0]);
		break;
	case KVM_IOCTL: {
		/* Room for what does not fit the carrier. */
		u64 argument[32] = { a[1], a[2], a[3], a[4] };

		result[0] = (u64)kvm->ioctl((int)(a[0] >> 32), (u32)a[0], argument);
		break;
	}
	case KVM_EVENTFD:
		kvm->eventfd((int)a[0]);
		break;
	case WORK:
		kvm->work(a[0]);
		break;
	case BEFORE_HALT:
		kvm->before_halt((int)a[0]);
		break;
	case APF_DELIVERED:
		kvm->apf_delivered((int)a[0], (struct kvm_apf){ (int)a[1], (u32)a[2], a[3] });
		break;
	case QUEUE_CLEARING:
		kvm->queue_clearing((int)a[0], (enum kvm_clear_reason)a[1]);
		break;
	case QUEUE_CLEARED:
		kvm->queue_cleared((int)a[0], (enum kvm_clear_reason)a[1]);
		break;
	case MEMSLOT_CHANGE:
		kvm->memslot_change(a[0], a[1]);
		break;
	case ARM:
		vmm->arm(a[0], a[1], (enum vmm_prediction)a[2]);
		break;
	case VMM_EXIT: {
		const struct vmm_exit exit = { (int)a[0], a[1], a[2], a[3] };

		result[0] = vmm->exit(&exit, (enum vmm_handling)a[4]);
		break;
	}
	case CONTENT_ARRIVED:
		vmm->content_arrived(a[0]);
		break;
	case FETCH_STARTED:
		vmm->fetch_started(a[0], a[1], (enum vmm_prediction)a[2]);
		break;
	case VCPU_CREATED:
		vmm->vcpu_created((int)a[0]);
		break;
	case TRACK_WRITES:
		result[0] = vmm->track_writes(a[0], a[1]);
		break;
	case VMM_EVENTFD:
		vmm->eventfd((int)a[0]);
		break;
	}
}

/* There are but frames of C between here and the places that leave. */
EXPORTED int uapilab_run(struct run *run, int entry, const u64 *arguments)
{
	void *here[ROOM_TO_LEAVE];

	run->leave = here;
	run->how = RETURNED;
	run->next = 0;
	run->steps = 0;
	running = run;
	if (!SET_JUMP(here))
		call((enum entry)entry, arguments, run->result);
	running = NULL;
	return run->how;
}

EXPORTED const struct uapi_encoding *uapilab_encoding(unsigned int *abi)
{
	*abi = uapi_abi;
	return &uapi_encoding;
}

/* ---- How a half ends its process ------------------------------------------------------------------------------- */

static void say(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		_exit(134);
}

static void say_number(u64 number, unsigned int base)
{
	char text[24];
	char *at = text + sizeof(text) - 1;

	*at = 0;
	do {
		*--at = "0123456789abcdef"[number % base];
		number /= base;
	} while (number);
	say(at);
}

static bool is_ours(const void *address, Dl_info *info)
{
	return dladdr(address, info) && info->dli_fbase == (const void *)__ehdr_start;
}

/* The innermost address that is the plugin's: below the shim there is first what called it. */
static const void *innermost(void)
{
	void *frames[64];
	const int count = backtrace(frames, 64);
	Dl_info info;
	int i = 0;

	while (i < count && !is_ours(frames[i], &info))
		i++;
	while (i < count && is_ours(frames[i], &info))
		i++;
	while (i < count && !is_ours(frames[i], &info))
		i++;
	return i < count ? (const char *)frames[i] - 1 : NULL;
}

/* "Fatal error." is what a worker's keeper looks for; it finds the line of the address. */
static void tell(const char *what, const void *address)
{
	Dl_info info;

	if (!address || !is_ours(address, &info))
		address = innermost();
	say("Fatal error. C code: ");
	say(what);
	if (address && is_ours(address, &info)) {
		say(" at ");
		say(info.dli_fname);
		say("+0x");
		say_number((u64)((const char *)address - __ehdr_start), 16);
	}
	say("\n");
}

static struct sigaction before[NSIG];

static void on_signal(int number, siginfo_t *info, void *context)
{
	if (running) {
		const void *address = NULL;
#if defined(__x86_64__)
		address = (const void *)((const ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
		address = (const void *)((const ucontext_t *)context)->uc_mcontext.pc;
#endif
		tell(number == SIGSEGV ? "SIGSEGV" : number == SIGFPE ? "SIGFPE" : number == SIGBUS ? "SIGBUS" :
		     number == SIGILL ? "SIGILL" : "abort()", address);
		_exit(128 + number);
	}
	if (before[number].sa_flags & SA_SIGINFO) {
		before[number].sa_sigaction(number, info, context);
	} else if (before[number].sa_handler != SIG_IGN && before[number].sa_handler != SIG_DFL) {
		before[number].sa_handler(number);
	} else {
		sigaction(number, &before[number], NULL);
		raise(number);
	}
}

static void on_exit_of_process(void)
{
	if (running) {
		tell("exit()", NULL);
		_exit(134);
	}
}

static void on_fork(void)
{
	if (running) {
		tell("fork()", NULL);
		_exit(134);
	}
}

EXPORTED void uapilab_watch(void)
{
	static const int watched[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(watched); i++)
		sigaction(watched[i], &action, &before[watched[i]]);
	atexit(on_exit_of_process);
	pthread_atfork(on_fork, NULL, NULL);
}
