/* async-hint at re-entry once more, in C: the same verdicts, states and histories (src/Encodings/AsyncHint). */
#include "userfault.h"

#define KVM_ASYNC_PF 0xd6
#define KVM_CAP_ASYNC_PF_ANSWER 0xffff
#define KVM_APF_OP_READY 2
#define KVM_MEMORY_EXIT_FLAG_APF_REFUSED BIT(6)

struct kvm_async_pf_req {
	__u64 gpa;
	__u32 op;
	__u32 flags;
	__u64 reserved[2];
};

enum { CLEARING = ENABLED + 1, ANSWER, OFFERED };
enum { ANSWER_NONE, ANSWER_ASYNC };

#define ANSWER_AT(vcpu) uapi_at(ANSWER, vcpu, 0)
#define OFFERED_AT(vcpu) uapi_at(OFFERED, vcpu, 0)
#define CLEARING_AT(vcpu) uapi_at(CLEARING, vcpu, 0)

static struct kvm_answer guest_fault(const struct kvm_fault *fault)
{
	bool exits;

	if (!userfault_read(fault->gfn, &exits))
		return (struct kvm_answer){ .verdict = KVM_ERROR, .error = EFAULT };
	if (!exits)
		return (struct kvm_answer){ .verdict = KVM_MAP };
	if (fault->prefetch || fault->is_private || !apf_enabled(fault->vcpu) || !kvm_can_do_apf(fault->vcpu))
		return (struct kvm_answer){ .verdict = KVM_EXIT, .flags = KVM_MEMORY_EXIT_FLAG_USERFAULT };
	if (kvm_find_apf(fault->vcpu, fault->gfn).slot >= 0) {
		kvm_request_halt(fault->vcpu);
		return (struct kvm_answer){ .verdict = KVM_RETRY };
	}
	uapi_store(OFFERED, OFFERED_AT(fault->vcpu), fault->gfn + 1);
	return (struct kvm_answer){
		.verdict = KVM_EXIT, .flags = KVM_MEMORY_EXIT_FLAG_USERFAULT | KVM_MEMORY_EXIT_FLAG_ASYNC_PF,
	};
}

/* Does what userspace answered, unless a READY has voided the offer. */
static struct kvm_run_answer follow(int vcpu, u64 answer, gfn_t gfn)
{
	bool exits;
	const bool wants_apf = answer == ANSWER_ASYNC && userfault_read(gfn, &exits) && exits;
	const bool can_do = wants_apf && kvm_can_do_apf(vcpu);
	struct kvm_apf apf = { .slot = -1 };
	bool is_open;

	/* The offer ends and the APF begins in one step as READY sees it. */
	kvm_lock(KVM_LOCK_APF, vcpu);
	is_open = uapi_load(OFFERED, OFFERED_AT(vcpu));
	uapi_store(OFFERED, OFFERED_AT(vcpu), 0);
	if (is_open && can_do)
		apf = ledger_setup_locked(vcpu, gfn);
	kvm_unlock(KVM_LOCK_APF, vcpu);
	if (apf.slot >= 0) {
		kvm_inject_not_present(vcpu, apf);
		return (struct kvm_run_answer){ .exit_again = false };
	}
	if (is_open && (wants_apf || answer > ANSWER_ASYNC))
		return (struct kvm_run_answer){
			.exit_again = true, .gfn = gfn,
			.flags = KVM_MEMORY_EXIT_FLAG_USERFAULT | KVM_MEMORY_EXIT_FLAG_APF_REFUSED,
		};
	return (struct kvm_run_answer){ .exit_again = false };
}

static struct kvm_run_answer run(int vcpu, bool immediate_exit)
{
	u64 answer, offered;

	if (immediate_exit)
		return (struct kvm_run_answer){ .exit_again = false };
	answer = uapi_load(ANSWER, ANSWER_AT(vcpu));
	if (answer != ANSWER_NONE)
		uapi_store(ANSWER, ANSWER_AT(vcpu), ANSWER_NONE);
	offered = uapi_load(OFFERED, OFFERED_AT(vcpu));
	return offered ? follow(vcpu, answer, offered - 1) : (struct kvm_run_answer){ .exit_again = false };
}

static long ready(int vcpu, gfn_t gfn)
{
	long result;

	kvm_lock(KVM_LOCK_APF, vcpu);
	if (uapi_load(CLEARING, CLEARING_AT(vcpu)))
		result = -EBUSY;
	else
		result = ledger_complete_locked(vcpu, kvm_find_apf(vcpu, gfn));
	if (result == -ENOENT && uapi_load(OFFERED, OFFERED_AT(vcpu)) == gfn + 1) {
		uapi_store(OFFERED, OFFERED_AT(vcpu), 0);
		result = 0;
	}
	kvm_unlock(KVM_LOCK_APF, vcpu);
	return result;
}

static long kvm_ioctl(int vcpu, u32 number, const void *argument)
{
	const struct kvm_async_pf_req *request = argument;

	if (number == KVM_ENABLE_CAP_NR)
		return apf_enable(vcpu, KVM_CAP_ASYNC_PF_ANSWER, argument);
	if (number != KVM_ASYNC_PF || request->op != KVM_APF_OP_READY || request->flags || request->reserved[0]
	    || request->reserved[1] || request->gpa % PAGE_SIZE)
		return -EINVAL;
	return ready(vcpu, request->gpa >> PAGE_SHIFT);
}

static void apf_delivered(int vcpu, struct kvm_apf apf)
{
	ledger_forget(apf);
}

static void queue_clearing(int vcpu, enum kvm_clear_reason reason)
{
	kvm_lock(KVM_LOCK_APF, vcpu);
	uapi_store(CLEARING, CLEARING_AT(vcpu), 1);
	ledger_forget_all_locked(vcpu);
	kvm_unlock(KVM_LOCK_APF, vcpu);
}

static void queue_cleared(int vcpu, enum kvm_clear_reason reason)
{
	kvm_lock(KVM_LOCK_APF, vcpu);
	uapi_store(CLEARING, CLEARING_AT(vcpu), 0);
	kvm_unlock(KVM_LOCK_APF, vcpu);
	uapi_store(OFFERED, OFFERED_AT(vcpu), 0);
}

static void vcpu_created(int vcpu)
{
	const struct kvm_enable_cap request = { .cap = KVM_CAP_ASYNC_PF_ANSWER, .args = { 1 } };

	vmm_ioctl(vcpu, KVM_ENABLE_CAP_NR, &request);
}

static enum vmm_action exit_to_vmm(const struct vmm_exit *exit, enum vmm_handling wanted)
{
	bool asynchronous;

	if (!(exit->flags & KVM_MEMORY_EXIT_FLAG_ASYNC_PF))
		return VMM_RESOLVE_FIRST;
	/* The waiter is entered before KVM_RUN, so a READY may be early, but never missing. */
	asynchronous = wanted == VMM_HAND_OFF && vmm_add_waiter(exit->gfn, exit->vcpu, exit->gfn << PAGE_SHIFT);
	uapi_store(ANSWER, ANSWER_AT(exit->vcpu), asynchronous ? ANSWER_ASYNC : ANSWER_NONE);
	return asynchronous ? VMM_REENTER : VMM_RESOLVE_FIRST;
}

static void content_arrived(gfn_t gfn)
{
	struct vmm_waiter waiter;

	userfault_clear(gfn);
	for (;;) {
		uapi_checkpoint(0);
		if (!vmm_take_waiter(gfn, &waiter))
			return;
		vmm_ioctl(waiter.vcpu, KVM_ASYNC_PF,
			  &(struct kvm_async_pf_req){ .gpa = waiter.cookie, .op = KVM_APF_OP_READY });
	}
}

static const struct uapi_region regions[] = {
	[BITMAP] = {
		.name = "userfault_bitmap", .owner = UAPI_SHARED, .scope = UAPI_PER_GFN, .word_bits = 64, .count = 1,
		.holds = UAPI_NUMBER, .doc = "1 = a fault in the gfn exits to userspace",
	},
	[APF_STATE] = {
		.name = "apf_state", .owner = UAPI_KVM_PRIVATE, .scope = UAPI_PER_APF, .word_bits = 32, .count = 1,
		.holds = UAPI_NUMBER, .doc = "0 free, 1 pending, 2 accepted, 3 completed; written under the APF lock.",
		.restore = "not needed: every waiting task faults again",
	},
	[ENABLED] = {
		.name = "apf_enabled", .owner = UAPI_KVM_PRIVATE, .scope = UAPI_PER_VCPU, .word_bits = 32, .count = 1,
		.holds = UAPI_NUMBER, .doc = "1 = the capability is on for this vCPU; written by KVM_ENABLE_CAP.",
		.restore = "the VMM calls KVM_ENABLE_CAP again",
	},
	[CLEARING] = {
		.name = "apf_clearing", .owner = UAPI_KVM_PRIVATE, .scope = UAPI_PER_VCPU, .word_bits = 32, .count = 1,
		.holds = UAPI_NUMBER, .doc = "1 while the vCPU's queue is being dropped; under the APF lock.",
		.restore = "not needed: 0 whenever the vCPU thread is outside of KVM",
	},
	[ANSWER] = {
		.name = "userfault_answer", .owner = UAPI_SHARED, .scope = UAPI_PER_VCPU, .word_bits = 8, .count = 1,
		.holds = UAPI_NUMBER, .doc = "0 none, 1 async; written by the VMM after an exit, zeroed by KVM_RUN.",
	},
	[OFFERED] = {
		.name = "apf_offered", .owner = UAPI_KVM_PRIVATE, .scope = UAPI_PER_VCPU, .word_bits = 64, .count = 1,
		.holds = UAPI_GFN_PLUS_ONE, .doc = "gfn + 1 of the exit that offered an APF, 0 = none.",
		.restore = "not needed: no offer is outstanding after a restore, and the vCPU faults again",
	},
};

static const char *const states[] = { "present", "fault" };

static const struct uapi_capability capabilities[] = {
	{ "KVM_CAP_ASYNC_PF_ANSWER", KVM_CAP_ASYNC_PF_ANSWER, "vcpu", "args[0] = 1: exits may offer an APF." },
};

static const struct uapi_errno enable_errors[] = { { EINVAL, "another capability, or an argument that is not right" } };
static const struct uapi_errno ready_errors[] = {
	{ EINVAL, "op is not READY, flags or reserved is not 0, or gpa is not page aligned" },
	{ ENOENT, "this vCPU has no APF outstanding for the gfn, and offers none" },
	{ EALREADY, "READY: the APF is completed and not delivered yet" },
	{ EBUSY, "READY: the vCPU's queue is being dropped" },
};
static const struct uapi_operation operations[] = {
	{ "KVM_APF_OP_READY", KVM_APF_OP_READY, "The content of the page is in guest memory." },
};

static const struct uapi_ioctl ioctls[] = {
	{
		.name = "KVM_ENABLE_CAP", .number = KVM_ENABLE_CAP_NR, .direction = "W", .argument = "kvm_enable_cap",
		.takes_vcpu_mutex = true, .errors = enable_errors, .nr_errors = ARRAY_SIZE(enable_errors),
		.doc = "Existing ioctl; args[0] = 1 on, 0 off.",
	},
	{
		.name = "KVM_ASYNC_PF", .number = KVM_ASYNC_PF, .direction = "W", .argument = "kvm_async_pf_req",
		.errors = ready_errors, .nr_errors = ARRAY_SIZE(ready_errors),
		.doc = "READY: the content of the page is in guest memory; before re-entry it voids the offer.",
		.capability = "KVM_CAP_ASYNC_PF_ANSWER", .op_offset = offsetof(struct kvm_async_pf_req, op),
		.operations = operations, .nr_operations = ARRAY_SIZE(operations),
	},
};

static const struct uapi_struct structs[] = {
	UAPI_STRUCT(kvm_enable_cap, "For KVM_ENABLE_CAP.", .must_be_zero = "flags"),
	UAPI_STRUCT(kvm_async_pf_req, "For KVM_ASYNC_PF.", .must_be_zero = "flags reserved"),
};

const struct uapi_encoding uapi_encoding = {
	.id = "async-hint-c",
	.summary = "async-hint at re-entry, in C.",
	.origin = "Our own variant, never posted, once more in C.",
	.traits = UAPI_NEVER_POSTED,
	.exit_extra = UAPI_NUMBER,
	.waiter_cookie = UAPI_GPA,
	.bits_per_gfn = 1,
	.locks = BIT(KVM_LOCK_APF),
	UAPI_LIST(states),
	UAPI_LIST(regions),
	UAPI_LIST(capabilities),
	UAPI_LIST(ioctls),
	UAPI_LIST(structs),
	.kvm = {
		.guest_fault = guest_fault,
		.run = run,
		.ioctl = kvm_ioctl,
		.apf_delivered = apf_delivered,
		.queue_clearing = queue_clearing,
		.queue_cleared = queue_cleared,
	},
	.vmm = {
		.vcpu_created = vcpu_created,
		.arm = userfault_arm,
		.exit = exit_to_vmm,
		.content_arrived = content_arrived,
	},
};
