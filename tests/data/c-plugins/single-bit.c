/* single-bit once more, in C: the same verdicts, states and histories (src/Encodings/SingleBit). */
#include "userfault.h"

#define KVM_ASYNC_PF_USER_READY 0xd6
#define KVM_CAP_ASYNC_PF_USER 0xffff

struct kvm_async_pf_user_ready {
	__u32 token;
	__u32 flags;
	__u64 reserved[2];
};

#ifndef COOKIE
#define COOKIE UAPI_TOKEN
#endif

enum { OPTION_APF, OPTION_VARIANT };

static bool keeps_ledger(void)
{
	return uapi_option(OPTION_APF) == 0 && uapi_option(OPTION_VARIANT) == 0;
}

static struct kvm_apf set_up(const struct kvm_fault *fault)
{
	struct kvm_apf apf;

	if (!keeps_ledger())
		return kvm_setup_apf(fault->vcpu, fault->gfn, 0);
	kvm_lock(KVM_LOCK_APF, fault->vcpu);
	apf = ledger_setup_locked(fault->vcpu, fault->gfn);
	kvm_unlock(KVM_LOCK_APF, fault->vcpu);
	return apf;
}

static bool may_start(const struct kvm_fault *fault)
{
	return uapi_option(OPTION_APF) == 0 && !fault->prefetch
		&& (!keeps_ledger() || (!fault->is_private && apf_enabled(fault->vcpu)));
}

static struct kvm_answer guest_fault(const struct kvm_fault *fault)
{
	bool exits;

	if (!userfault_read(fault->gfn, &exits))
		return (struct kvm_answer){ .verdict = KVM_ERROR, .error = EFAULT };
	if (!exits)
		return (struct kvm_answer){ .verdict = KVM_MAP };
	if (may_start(fault) && kvm_can_do_apf(fault->vcpu)) {
		if (kvm_find_apf(fault->vcpu, fault->gfn).slot >= 0) {
			kvm_request_halt(fault->vcpu);
			return (struct kvm_answer){ .verdict = KVM_RETRY };
		}
		if (kvm_can_deliver_apf(fault->vcpu)) {
			const struct kvm_apf apf = set_up(fault);

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

static long ready(int vcpu, const struct kvm_async_pf_user_ready *request)
{
	long result;

	if (request->flags || request->reserved[0] || request->reserved[1])
		return -EINVAL;
	kvm_lock(KVM_LOCK_APF, vcpu);
	result = ledger_complete_locked(vcpu, kvm_find_apf_by_token(vcpu, request->token));
	kvm_unlock(KVM_LOCK_APF, vcpu);
	return result;
}

/* As posted: the lock is let go of between the search and the completion, and nobody asks whether that was done. */
static long ready_as_posted(int vcpu, u32 token)
{
	struct kvm_apf apf;

	kvm_lock(KVM_LOCK_APF, vcpu);
	apf = kvm_find_apf_by_token(vcpu, token);
	kvm_unlock(KVM_LOCK_APF, vcpu);
	if (apf.slot < 0)
		return -EINVAL;
	kvm_lock(KVM_LOCK_APF, vcpu);
	kvm_complete_apf(vcpu, apf);
	kvm_unlock(KVM_LOCK_APF, vcpu);
	return 0;
}

static long kvm_ioctl(int vcpu, u32 number, const void *argument)
{
	if (number == KVM_ENABLE_CAP_NR && keeps_ledger())
		return apf_enable(vcpu, KVM_CAP_ASYNC_PF_USER, argument);
	if (number == KVM_ASYNC_PF_USER_READY && keeps_ledger())
		return ready(vcpu, argument);
	if (number == KVM_ASYNC_PF_USER_READY && uapi_option(OPTION_APF) == 0)
		return ready_as_posted(vcpu, ((const struct kvm_async_pf_user_ready *)argument)->token);
	return -EINVAL;
}

static void apf_delivered(int vcpu, struct kvm_apf apf)
{
	if (keeps_ledger())
		ledger_forget(apf);
}

static void queue_clearing(int vcpu, enum kvm_clear_reason reason)
{
	if (keeps_ledger()) {
		kvm_lock(KVM_LOCK_APF, vcpu);
		ledger_forget_all_locked(vcpu);
		kvm_unlock(KVM_LOCK_APF, vcpu);
	}
}

static void vcpu_created(int vcpu)
{
	const struct kvm_enable_cap request = { .cap = KVM_CAP_ASYNC_PF_USER, .args = { 1 } };

	if (keeps_ledger())
		vmm_ioctl(vcpu, KVM_ENABLE_CAP_NR, &request);
}

static void send_ready(int vcpu, u64 token)
{
	/* As posted the structure ends behind the token. */
	const struct kvm_async_pf_user_ready request = { .token = (u32)token };

	vmm_ioctl(vcpu, KVM_ASYNC_PF_USER_READY, &request);
}

static enum vmm_action exit_to_vmm(const struct vmm_exit *exit, enum vmm_handling wanted)
{
	if (!(exit->flags & KVM_MEMORY_EXIT_FLAG_ASYNC_PF))
		return VMM_RESOLVE_FIRST;
	if (vmm_add_waiter(exit->gfn, exit->vcpu, exit->extra))
		return wanted == VMM_HAND_OFF ? VMM_REENTER : VMM_RESOLVE_FIRST;
	send_ready(exit->vcpu, exit->extra);
	return VMM_RESOLVE_FIRST;
}

static void content_arrived(gfn_t gfn)
{
	struct vmm_waiter waiter;

	userfault_clear(gfn);
	for (;;) {
		uapi_checkpoint(0);
		if (!vmm_take_waiter(gfn, &waiter))
			return;
		send_ready(waiter.vcpu, waiter.cookie);
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
		.restore = "not needed: every waiting task faults again", .only_if = "apf=on variant=repaired",
	},
	[ENABLED] = {
		.name = "apf_enabled", .owner = UAPI_KVM_PRIVATE, .scope = UAPI_PER_VCPU, .word_bits = 32, .count = 1,
		.holds = UAPI_NUMBER, .doc = "1 = the capability is on for this vCPU; written by KVM_ENABLE_CAP.",
		.restore = "the VMM calls KVM_ENABLE_CAP again", .only_if = "apf=on variant=repaired",
	},
};

static const struct uapi_option options[] = {
	[OPTION_APF] = { "apf", "on off", "Whether KVM starts APFs at marked gfns." },
	[OPTION_VARIANT] = { "variant", "repaired as-posted", "With apf=on: as-posted keeps the defects of the RFC." },
};

static const char *const states[] = { "present", "fault" };

static const struct uapi_capability capabilities[] = {
	{ "KVM_CAP_ASYNC_PF_USER", KVM_CAP_ASYNC_PF_USER, "vcpu",
	  "args[0] = 1: userfaults of this vCPU may start APFs.", .only_if = "apf=on variant=repaired" },
};

static const struct uapi_errno enable_errors[] = { { EINVAL, "another capability, or an argument that is not right" } };
static const struct uapi_errno ready_errors[] = {
	{ EINVAL, "flags or reserved is not 0" },
	{ ENOENT, "no APF with this token is outstanding on this vCPU" },
	{ EALREADY, "the APF is completed and not delivered yet" },
};
static const struct uapi_errno as_posted_errors[] = {
	{ EINVAL, "no APF with this token is outstanding on this vCPU" },
};

static const struct uapi_ioctl ioctls[] = {
	{
		.name = "KVM_ENABLE_CAP", .number = KVM_ENABLE_CAP_NR, .direction = "W", .argument = "kvm_enable_cap",
		.takes_vcpu_mutex = true, .errors = enable_errors, .nr_errors = ARRAY_SIZE(enable_errors),
		.doc = "Existing ioctl; args[0] = 1 on, 0 off.", .only_if = "apf=on variant=repaired",
	},
	{
		.name = "KVM_ASYNC_PF_USER_READY", .number = KVM_ASYNC_PF_USER_READY, .direction = "W",
		.argument = "kvm_async_pf_user_ready", .errors = ready_errors, .nr_errors = ARRAY_SIZE(ready_errors),
		.doc = "The fault with this token is resolved.", .capability = "KVM_CAP_ASYNC_PF_USER",
		.only_if = "apf=on variant=repaired",
	},
	{
		.name = "KVM_ASYNC_PF_USER_READY", .number = KVM_ASYNC_PF_USER_READY, .direction = "W",
		.argument = "kvm_async_pf_user_ready", .errors = as_posted_errors,
		.nr_errors = ARRAY_SIZE(as_posted_errors), .doc = "The fault with this token is resolved.",
		.only_if = "apf=on variant=as-posted",
	},
};

static const struct uapi_duplicate duplicates[] = {
	{ "the queue of APFs, its lock and the list of completed ones", .only_if = "apf=on variant=as-posted" },
};

static const struct uapi_struct structs[] = {
	UAPI_STRUCT(kvm_enable_cap, "For KVM_ENABLE_CAP.", .must_be_zero = "flags", .only_if = "apf=on variant=repaired"),
	UAPI_STRUCT(kvm_async_pf_user_ready, "For KVM_ASYNC_PF_USER_READY.", .must_be_zero = "flags reserved",
		    .only_if = "apf=on"),
};

const struct uapi_encoding uapi_encoding = {
	.id = "single-bit-c",
	.summary = "single-bit, in C.",
	.origin = "\"KVM: x86: async PF user\", Nikita Kalyazin, RFC, 18 November 2024, once more in C.",
	.traits = UAPI_NEVER_POSTED,
	.exit_extra = UAPI_TOKEN,
	.waiter_cookie = COOKIE,
	.bits_per_gfn = 1,
	.locks = BIT(KVM_LOCK_APF),
	UAPI_LIST(states),
	UAPI_LIST(regions),
	UAPI_LIST(options),
	UAPI_LIST(capabilities),
	UAPI_LIST(ioctls),
	UAPI_LIST(duplicates),
	UAPI_LIST(structs),
	.kvm = {
		.guest_fault = guest_fault,
		.ioctl = kvm_ioctl,
		.apf_delivered = apf_delivered,
		.queue_clearing = queue_clearing,
	},
	.vmm = {
		.vcpu_created = vcpu_created,
		.arm = userfault_arm,
		.exit = exit_to_vmm,
		.content_arrived = content_arrived,
	},
};
