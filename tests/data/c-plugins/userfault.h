/* What single-bit and async-hint stand on: the bitmap of KVM Userfault, KVM_ENABLE_CAP, and a word for each APF. */
#include "uapilab.h"

#define KVM_MEMORY_EXIT_FLAG_USERFAULT BIT(4)
#define KVM_MEMORY_EXIT_FLAG_ASYNC_PF BIT(5)
#define KVM_ENABLE_CAP_NR 0xa3

struct kvm_enable_cap {
	__u32 cap;
	__u32 flags;
	__u64 args[4];
	__u8 pad[64];
};

enum { APF_FREE, APF_PENDING, APF_ACCEPTED, APF_COMPLETED };

enum { BITMAP, APF_STATE, ENABLED };

static bool userfault_read(gfn_t gfn, bool *exits)
{
	u64 word;
	int error = uapi_get_user(&word, BITMAP, gfn / 64);

	*exits = word & BIT(gfn % 64);
	return !error;
}

static void userfault_clear(gfn_t gfn)
{
	uapi_fetch_and_release(BITMAP, gfn / 64, ~BIT(gfn % 64));
}

static void userfault_arm(gfn_t first, u64 count, enum vmm_prediction prediction)
{
	const gfn_t end = first + count;
	u64 word = first / 64;
	const u64 head = ~0UL << first % 64, tail = end % 64 ? ~(~0UL << end % 64) : 0;

	if (!count)
		return;
	if (word == end / 64) {
		if (head & tail)
			uapi_fetch_or_relaxed(BITMAP, word, head & tail);
	} else {
		if (first % 64)
			uapi_fetch_or_relaxed(BITMAP, word++, head);
		if (word != end / 64)
			uapi_fill(BITMAP, word, end / 64 - word, ~0UL);
		if (tail)
			uapi_fetch_or_relaxed(BITMAP, end / 64, tail);
	}
	uapi_mb();
}

static bool apf_enabled(int vcpu)
{
	return uapi_load(ENABLED, uapi_at(ENABLED, vcpu, 0));
}

static long apf_enable(int vcpu, u32 capability, const struct kvm_enable_cap *request)
{
	if (request->cap != capability || request->flags || request->args[0] > 1 || request->args[1] || request->args[2])
		return -EINVAL;
	uapi_store(ENABLED, uapi_at(ENABLED, vcpu, 0), request->args[0]);
	return 0;
}

static struct kvm_apf ledger_setup_locked(int vcpu, gfn_t gfn)
{
	const struct kvm_apf apf = kvm_setup_apf(vcpu, gfn, gfn);

	if (apf.slot >= 0)
		uapi_store(APF_STATE, uapi_at(APF_STATE, apf.slot, 0), APF_PENDING);
	return apf;
}

static long ledger_complete_locked(int vcpu, struct kvm_apf apf)
{
	u64 state;

	if (apf.slot < 0)
		return -ENOENT;
	state = uapi_load(APF_STATE, uapi_at(APF_STATE, apf.slot, 0));
	if (state == APF_COMPLETED)
		return -EALREADY;
	if (state == APF_FREE)
		return -ENOENT;
	uapi_store(APF_STATE, uapi_at(APF_STATE, apf.slot, 0), APF_COMPLETED);
	kvm_complete_apf(vcpu, apf);
	return 0;
}

static void ledger_forget(struct kvm_apf apf)
{
	uapi_store(APF_STATE, uapi_at(APF_STATE, apf.slot, 0), APF_FREE);
}

static void ledger_forget_all_locked(int vcpu)
{
	int place;

	for (place = 0; place < kvm_apf_limit(); place++) {
		const struct kvm_apf apf = kvm_apf_at(vcpu, place);

		if (apf.slot < 0)
			return;
		ledger_forget(apf);
	}
}
