/*
 * label-clash: tokens go into a ring of two under a try-lock, then one FLUSH ioctl for each vCPU. The loops of both halves
 * have checkpoints of one label. Who does not get the lock or a place uses READY; whoever put an entry flushes after it,
 * so the last flush sees the last entry. Nothing is wrong with it.
 */
#ifndef ID
#define ID "label-clash"
#define LABEL 0
#endif
#include "uapilab.h"

#define KVM_MEMORY_EXIT_FLAG_USERFAULT BIT(4)
#define KVM_MEMORY_EXIT_FLAG_ASYNC_PF BIT(5)
#define KVM_MY_READY 0xd6
#define KVM_MY_FLUSH 0xd8
#define RING 2
#define WRAP 3

struct kvm_my_ready {
	__u32 token;
};

/* Regions by their place in the array below. */
enum { BITMAP, HEAD, TAIL, ENTRY, KVM_TAIL, VMM_LOCK, APF_STATE };

enum { FREE, PENDING, COMPLETED };

/* ---- KVM's side: what would be kernel code ---------------------------------------------------------------------- */

/* Queued and marked under one lock, so that who finds the APF finds its state. */
static struct kvm_apf set_up(int vcpu, gfn_t gfn)
{
	struct kvm_apf apf;

	kvm_lock(KVM_LOCK_APF, vcpu);
	apf = kvm_setup_apf(vcpu, gfn, gfn);
	if (apf.slot >= 0)
		uapi_store(APF_STATE, uapi_at(APF_STATE, apf.slot, 0), PENDING);
	kvm_unlock(KVM_LOCK_APF, vcpu);
	return apf;
}

static struct kvm_answer guest_fault(const struct kvm_fault *fault)
{
	u64 word;

	/* Acquire pairs with the VMM's release: who sees the bit clear sees the page's content. */
	if (uapi_get_user_acquire(&word, BITMAP, fault->gfn / 64))
		return (struct kvm_answer){ .verdict = KVM_ERROR, .error = EFAULT };
	if (!(word & BIT(fault->gfn % 64)))
		return (struct kvm_answer){ .verdict = KVM_MAP };
	if (!fault->prefetch && kvm_can_do_apf(fault->vcpu)) {
		struct kvm_apf apf = kvm_find_apf(fault->vcpu, fault->gfn);

		/* A second fault on a page that is being waited for: sleep until it is ready. */
		if (apf.slot >= 0) {
			kvm_request_halt(fault->vcpu);
			return (struct kvm_answer){ .verdict = KVM_RETRY };
		}
		if (kvm_can_deliver_apf(fault->vcpu)) {
			apf = set_up(fault->vcpu, fault->gfn);
			if (apf.slot >= 0) {
				kvm_inject_not_present(fault->vcpu, apf);
				return (struct kvm_answer){
					.verdict = KVM_EXIT,
					.flags = KVM_MEMORY_EXIT_FLAG_USERFAULT | KVM_MEMORY_EXIT_FLAG_ASYNC_PF,
					.extra = apf.token,
				};
			}
		}
	}
	return (struct kvm_answer){ .verdict = KVM_EXIT, .flags = KVM_MEMORY_EXIT_FLAG_USERFAULT };
}

static long complete(int vcpu, struct kvm_apf apf)
{
	const u64 state = apf.slot >= 0 ? uapi_load(APF_STATE, uapi_at(APF_STATE, apf.slot, 0)) : FREE;

	if (state != PENDING)
		return state == COMPLETED ? -EALREADY : -EINVAL;
	uapi_store(APF_STATE, uapi_at(APF_STATE, apf.slot, 0), COMPLETED);
	kvm_complete_apf(vcpu, apf);
	return 0;
}

/* A head that cannot be drops everything; indices are masked on use. */
static void drain(int vcpu)
{
	u64 i = 0, tail, head, count;

	kvm_lock(KVM_LOCK_ENCODING, vcpu);
	tail = uapi_load(KVM_TAIL, uapi_at(KVM_TAIL, vcpu, 0));
	head = uapi_load_acquire(HEAD, uapi_at(HEAD, vcpu, 0)) & WRAP;
	count = (head - tail) & WRAP;
	for (; i < RING; i++) {
		uapi_checkpoint_live2(LABEL, &i, &tail);
		if (i < count && count <= RING) {
			const u64 token = uapi_load(ENTRY, uapi_at(ENTRY, vcpu, (int)((tail + i) % RING)));

			kvm_lock(KVM_LOCK_APF, vcpu);
			complete(vcpu, kvm_find_apf_by_token(vcpu, token));
			kvm_unlock(KVM_LOCK_APF, vcpu);
		}
	}
	uapi_store(KVM_TAIL, uapi_at(KVM_TAIL, vcpu, 0), head);
	uapi_store_release(TAIL, uapi_at(TAIL, vcpu, 0), head);
	kvm_unlock(KVM_LOCK_ENCODING, vcpu);
}

/* READY: any thread, no vCPU mutex. Each APF is completed once. */
static long kvm_ioctl(int vcpu, u32 number, const void *argument)
{
	const struct kvm_my_ready *ready = argument;
	long result;

	if (number == KVM_MY_FLUSH) {
		drain(vcpu);
		return 0;
	}
	if (number != KVM_MY_READY)
		return -EINVAL;
	kvm_lock(KVM_LOCK_APF, vcpu);
	result = complete(vcpu, kvm_find_apf_by_token(vcpu, ready->token));
	kvm_unlock(KVM_LOCK_APF, vcpu);
	return result;
}

static void apf_delivered(int vcpu, struct kvm_apf apf)
{
	uapi_store(APF_STATE, uapi_at(APF_STATE, apf.slot, 0), FREE);
}

static void queue_clearing(int vcpu, enum kvm_clear_reason reason)
{
	int place;

	kvm_lock(KVM_LOCK_APF, vcpu);
	for (place = 0; place < kvm_apf_limit(); place++) {
		const struct kvm_apf apf = kvm_apf_at(vcpu, place);

		if (apf.slot < 0)
			break;
		uapi_store(APF_STATE, uapi_at(APF_STATE, apf.slot, 0), FREE);
	}
	kvm_unlock(KVM_LOCK_APF, vcpu);
}

/* ---- The VMM's side --------------------------------------------------------------------------------------------- */

/* Arms frames of one word. */
static void set(gfn_t first, gfn_t end)
{
	if (first < end)
		uapi_fetch_or_relaxed(BITMAP, first / 64, (~0UL >> (64 - (end - first))) << first % 64);
}

static void arm(gfn_t first, u64 count, enum vmm_prediction prediction)
{
	const gfn_t end = first + count, whole = (first + 63) / 64 * 64, rest = end / 64 * 64;

	if (whole < rest) {
		/* Whole words at once; those at either end hold bits of other frames too. */
		set(first, whole);
		uapi_fill(BITMAP, whole / 64, (rest - whole) / 64, ~0UL);
		set(rest, end);
	} else {
		set(first, end < whole ? end : whole);
		set(first > whole ? first : whole, end);
	}
	uapi_mb();
}

static void flush(int vcpu)
{
	static const struct uapi_carrier none;

	vmm_ioctl(vcpu, KVM_MY_FLUSH, &none);
}

/* Into the ring; READY if it is full or somebody else is at it. */
static bool put(int vcpu, u64 token)
{
	if (!uapi_cmpxchg(VMM_LOCK, uapi_at(VMM_LOCK, vcpu, 0), 0, 1)) {
		const u64 head = uapi_load(HEAD, uapi_at(HEAD, vcpu, 0));
		const u64 tail = uapi_load_acquire(TAIL, uapi_at(TAIL, vcpu, 0));
		const bool fits = ((head - tail) & WRAP) < RING;

		if (fits) {
			uapi_store(ENTRY, uapi_at(ENTRY, vcpu, (int)(head % RING)), token);
			uapi_store_release(HEAD, uapi_at(HEAD, vcpu, 0), (head + 1) & WRAP);
		}
		uapi_store_release(VMM_LOCK, uapi_at(VMM_LOCK, vcpu, 0), 0);
		if (fits)
			return true;
	}
	vmm_ioctl(vcpu, KVM_MY_READY, &(struct kvm_my_ready){ .token = (__u32)token });
	return false;
}

static enum vmm_action exit_to_vmm(const struct vmm_exit *exit, enum vmm_handling wanted)
{
	if (!(exit->flags & KVM_MEMORY_EXIT_FLAG_ASYNC_PF))
		return VMM_RESOLVE_FIRST;
	/* The guest task sleeps on the token now, so it gets a READY whoever resolves the fault. */
	if (vmm_add_waiter(exit->gfn, exit->vcpu, exit->extra))
		return wanted == VMM_HAND_OFF ? VMM_REENTER : VMM_RESOLVE_FIRST;
	/* The content is there already, and nobody comes back for this token. */
	if (put(exit->vcpu, exit->extra))
		flush(exit->vcpu);
	return VMM_RESOLVE_FIRST;
}

static void content_arrived(gfn_t gfn)
{
	struct vmm_waiter waiter;
	u64 vcpus = 0;

	/* 64 frames share the word, so this is atomic; the content is published before the bit. */
	uapi_fetch_and_release(BITMAP, gfn / 64, ~BIT(gfn % 64));
	for (;;) {
		uapi_checkpoint_live(0, &vcpus);
		if (!vmm_take_waiter(gfn, &waiter))
			break;
		if (put(waiter.vcpu, waiter.cookie))
			vcpus |= BIT(waiter.vcpu);
	}
	/* One call for each vCPU, whatever the number of entries. */
	for (;;) {
		uapi_checkpoint_live(1, &vcpus);
		if (!vcpus)
			return;
		flush(__builtin_ctzl(vcpus));
		vcpus &= vcpus - 1;
	}
}

/* ---- What is shared, what the uAPI is called, and who runs it --------------------------------------------------- */

static const struct uapi_region regions[] = {
	[BITMAP] = {
		.name = "bitmap", .owner = UAPI_SHARED, .scope = UAPI_PER_GFN, .word_bits = 64, .count = 1,
		.holds = UAPI_NUMBER, .doc = "1 = a fault in the frame exits to userspace",
	},
	[HEAD] = {
		.name = "done_head", .owner = UAPI_SHARED, .scope = UAPI_PER_VCPU, .word_bits = 32, .count = 1,
		.holds = UAPI_NUMBER, .doc = "where the VMM puts the next entry, modulo twice the ring",
	},
	[TAIL] = {
		.name = "done_tail", .owner = UAPI_SHARED, .scope = UAPI_PER_VCPU, .word_bits = 32, .count = 1,
		.holds = UAPI_NUMBER, .doc = "where KVM takes the next entry; KVM does not read it",
	},
	[ENTRY] = {
		.name = "done_entry", .owner = UAPI_SHARED, .scope = UAPI_PER_VCPU, .word_bits = 32, .count = RING,
		.holds = UAPI_TOKEN, .doc = "tokens that are ready",
	},
	[KVM_TAIL] = {
		.name = "kvm_tail", .owner = UAPI_KVM_PRIVATE, .scope = UAPI_PER_VCPU, .word_bits = 32, .count = 1,
		.holds = UAPI_NUMBER, .doc = "the tail that KVM believes",
	},
	[VMM_LOCK] = {
		.name = "vmm_lock", .owner = UAPI_VMM_PRIVATE, .scope = UAPI_PER_VCPU, .word_bits = 32, .count = 1,
		.holds = UAPI_NUMBER, .doc = "who puts entries",
	},
	[APF_STATE] = {
		.name = "apf_state", .owner = UAPI_KVM_PRIVATE, .scope = UAPI_PER_APF, .word_bits = 32, .count = 1,
		.holds = UAPI_NUMBER, .doc = "0 free, 1 pending, 2 completed",
		.restore = "not needed: the guest faults again",
	},
};

static const struct uapi_errno ready_errors[] = {
	{ EINVAL, "no APF with this token is outstanding" },
	{ EALREADY, "it is completed already" },
};

static const struct uapi_ioctl ioctls[] = {
	{ .name = "KVM_MY_FLUSH", .number = KVM_MY_FLUSH, .direction = "", .doc = "There are entries in the ring." },
	{
		.name = "KVM_MY_READY", .number = KVM_MY_READY, .direction = "W", .argument = "kvm_my_ready",
		.errors = ready_errors, .nr_errors = ARRAY_SIZE(ready_errors),
		.doc = "The fault with this token is resolved.",
	},
};

/* Fields and offsets are those of the compiler. */
static const struct uapi_struct structs[] = {
	UAPI_STRUCT(kvm_my_ready, "For KVM_MY_READY."),
};

static const char *const states[] = { "present", "fault" };

const struct uapi_encoding uapi_encoding = {
	.id = ID,
	.summary = "One sentence for uapilab list.",
	.origin = "Ours, never posted.",
	.traits = UAPI_NEVER_POSTED,
	.bits_per_gfn = 1,
	.exit_extra = UAPI_TOKEN,      /* what the word in the exit is: the search may rename tokens, not numbers */
	.waiter_cookie = UAPI_TOKEN,   /* what the VMM remembers of a waiter */
	.locks = BIT(KVM_LOCK_APF) | BIT(KVM_LOCK_ENCODING),
	UAPI_LIST(states),
	UAPI_LIST(regions),
	UAPI_LIST(ioctls),
	UAPI_LIST(structs),
	.kvm = {
		.guest_fault = guest_fault,
		.ioctl = kvm_ioctl,
		.apf_delivered = apf_delivered,
		.queue_clearing = queue_clearing,
	},
	.vmm = {
		.arm = arm,
		.exit = exit_to_vmm,
		.content_arrived = content_arrived,
	},
};
