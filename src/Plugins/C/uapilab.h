/*
 * uapilab.h - an encoding for UapiLab in C: the two halves, what they share, and what they may call.
 *
 * One file defines "const struct uapi_encoding uapi_encoding". docs/plugins.md says how it is run, docs/contract.md what
 * each call means. The rules for a half: no state but in regions, no clock, no chance, no threads; uapi_checkpoint() at
 * the head of every loop without a constant bound. A half is run again from the top whenever it is resumed, and given
 * the same answers until it is past the place where it stopped.
 */
#ifndef UAPILAB_H
#define UAPILAB_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/* Of this header; a plugin that was written with another one is refused. */
#define UAPILAB_ABI 1

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef u64 gfn_t;

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define BIT(nr) (1UL << (nr))
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define UAPI_LIST(array) .array = (array), .nr_##array = ARRAY_SIZE(array)

/* ---- Declarations -------------------------------------------------------------------------------------------- */

enum uapi_owner { UAPI_SHARED, UAPI_KVM_PRIVATE, UAPI_VMM_PRIVATE };
enum uapi_scope { UAPI_PER_VM, UAPI_PER_VCPU, UAPI_PER_APF, UAPI_PER_GFN };
/* What a word stands for: frames, vCPUs and tokens may be renamed by a search, numbers may not. */
enum uapi_kind { UAPI_OPAQUE, UAPI_NUMBER, UAPI_GFN_PLUS_ONE, UAPI_GPA, UAPI_TOKEN, UAPI_VCPU };
enum uapi_trait { UAPI_REFERENCE_POINT = 1, UAPI_OMNISCIENT = 2, UAPI_NEVER_POSTED = 4 };
enum kvm_lock { KVM_LOCK_APF, KVM_LOCK_ENCODING };

/*
 * Shared or private memory. A half names a region by its place in the array. "only_if", here and below: the options with
 * which there is such a thing, as in "apf=on variant=repaired"; NULL: always.
 */
struct uapi_region {
	const char *name;
	enum uapi_owner owner;
	enum uapi_scope scope;
	int word_bits;                  /* 8, 32 or 64 */
	int count;                      /* words per VM, vCPU or APF; bits per gfn */
	enum uapi_kind holds;
	const enum uapi_kind *record;   /* for an array of records: the kind of each word of one, instead of holds */
	int record_words;
	const char *doc;
	const char *restore;            /* how KVM's memory comes back after a save and restore, or why it need not */
	u64 starts_as;
	bool allocates;                 /* a word that is not 0 stands for memory allocated for the APF */
	bool runs_freely;               /* counters that run on past their width */
	const char *only_if;
};

/* The first value is the default. uapi_option(place) is the place of the value chosen. */
struct uapi_option {
	const char *name;
	const char *values;             /* "on off" */
	const char *doc;
};

struct uapi_event {
	const char *name;
	const char *doc;
};

struct uapi_capability {
	const char *name;
	int number;
	const char *enable;             /* "informational", "vm" or "vcpu" */
	const char *doc;
	const char *only_if;
};

struct uapi_flag {
	const char *name;
	const char *field;              /* "kvm_run.memory_fault.flags" */
	int bit;
	const char *doc;
	const char *capability;
	const char *opt_in;
	const char *only_if;
};

struct uapi_constant {
	const char *name;
	u64 value;
	const char *field;
	const char *doc;
	const char *only_if;
};

/* What KVM has for its own APFs and the encoding has a second time: "the queue of APFs". */
struct uapi_duplicate {
	const char *what;
	const char *only_if;
};

/* Where a fault on a page without content is caught. */
enum uapi_interception { UAPI_MEMSLOT, UAPI_USERFAULTFD, UAPI_USERFAULTFD_KERNEL_APF, UAPI_SWAP_KERNEL_APF };

struct uapi_errno {
	int error;                      /* EINVAL */
	const char *when;
};

struct uapi_operation {
	const char *name;
	u32 value;
	const char *doc;
};

enum uapi_target { UAPI_VCPU_FD, UAPI_VM_FD, UAPI_SYSTEM_FD };

struct uapi_ioctl {
	const char *name;
	u32 number;                     /* under the magic 0xAE */
	const char *direction;          /* "W", "R", "WR" or "" */
	const char *argument;           /* tag of the structure */
	bool takes_vcpu_mutex;
	const struct uapi_errno *errors;
	int nr_errors;
	const char *doc;
	const char *capability;
	enum uapi_target target;
	int op_offset;                  /* of the __u32 that selects an operation, if there are any */
	const struct uapi_operation *operations;
	int nr_operations;
	const u32 *without_mutex;       /* operations that are handled before the mutex is taken */
	int nr_without_mutex;
	const char *only_if;
};

/* What the compiler does not know of a field. */
struct uapi_field {
	const char *name;
	const char *doc;
	const char *points_to;          /* C type of what it points to, if it holds an address of userspace */
	const char *region;             /* the shared region whose words it holds, if that has another name */
	const char *valid_with;         /* the flag or capability without which KVM does not look at it */
};

/*
 * A structure of the uAPI, declared as one in this file: fields and offsets are read from the compiler's debug
 * information. must_be_zero and filled_by_kvm name fields, with blanks between them.
 */
struct uapi_struct {
	const char *tag;
	u64 size;
	const char *doc;
	const char *must_be_zero;
	const char *filled_by_kvm;
	const struct uapi_field *fields;
	int nr_fields;
	const char *only_if;
};

#define UAPI_STRUCT(t, text, ...) { .tag = #t, .size = sizeof(struct t), .doc = text, ##__VA_ARGS__ }

/* ---- KVM's half ---------------------------------------------------------------------------------------------- */

enum kvm_access { KVM_ACCESS_READ, KVM_ACCESS_WRITE, KVM_ACCESS_EXECUTE };

struct kvm_fault {
	int vcpu;
	gfn_t gfn;
	enum kvm_access access;
	bool prefetch;                  /* KVM's own: it must never start an APF */
	bool is_private;
};

enum kvm_verdict { KVM_MAP, KVM_MAP_READ_ONLY, KVM_RETRY, KVM_EXIT, KVM_ERROR };

struct kvm_answer {
	enum kvm_verdict verdict;
	u64 flags;                      /* memory_fault.flags of the exit */
	u64 extra;                      /* the encoding's own field of the exit */
	int error;                      /* for KVM_ERROR: EFAULT */
};

/* What becomes of KVM_RUN: the guest is entered, or it exits again at once. */
struct kvm_run_answer {
	bool exit_again;
	gfn_t gfn;
	u64 flags;
	u64 extra;
};

enum kvm_clear_reason { KVM_GUEST_DISABLED, KVM_RESET, KVM_PAGING_TOGGLED, KVM_DESTROY };

/* An outstanding APF. There is none if slot is below 0. */
struct kvm_apf {
	int slot;
	u32 token;
	gfn_t gfn;
};

/* What is NULL does nothing; an ioctl is then refused with -EINVAL. */
struct uapi_kvm_half {
	struct kvm_answer (*guest_fault)(const struct kvm_fault *fault);
	struct kvm_run_answer (*run)(int vcpu, bool immediate_exit);
	void (*run_return)(int vcpu);
	long (*ioctl)(int vcpu, u32 number, const void *argument);
	void (*eventfd)(int eventfd);
	void (*work)(u64 argument);
	void (*before_halt)(int vcpu);
	void (*apf_delivered)(int vcpu, struct kvm_apf apf);
	void (*queue_clearing)(int vcpu, enum kvm_clear_reason reason);
	void (*queue_cleared)(int vcpu, enum kvm_clear_reason reason);
	void (*memslot_change)(bool enabled, bool was_enabled);
};

/* ---- The VMM's half ------------------------------------------------------------------------------------------ */

struct vmm_exit {
	int vcpu;
	gfn_t gfn;
	u64 flags;
	u64 extra;
};

enum vmm_handling { VMM_RESOLVE, VMM_HAND_OFF };
enum vmm_action { VMM_RESOLVE_FIRST, VMM_REENTER };
enum vmm_prediction { VMM_SYNC, VMM_ASYNC, VMM_SOON_THERE, VMM_INTERCEPT };

struct vmm_waiter {
	int vcpu;
	u64 cookie;
};

struct uapi_vmm_half {
	void (*arm)(gfn_t first, u64 count, enum vmm_prediction prediction);
	enum vmm_action (*exit)(const struct vmm_exit *exit, enum vmm_handling wanted);
	void (*content_arrived)(gfn_t gfn);
	void (*fetch_started)(gfn_t gfn, bool on_demand, enum vmm_prediction prediction);
	void (*vcpu_created)(int vcpu);
	bool (*track_writes)(gfn_t first, u64 count);
	void (*eventfd)(int eventfd);
};

struct uapi_encoding {
	const char *id;                 /* lower case, digits and dashes */
	const char *summary;
	const char *origin;
	int traits;
	enum uapi_interception interception;
	int bits_per_gfn;
	const char *const *states;      /* meaning of each per-gfn value */
	int nr_states;
	enum uapi_kind exit_extra;
	enum uapi_kind waiter_cookie;
	enum uapi_kind work_argument;
	u32 locks;                      /* BIT(KVM_LOCK_APF) */
	const struct uapi_region *regions;
	int nr_regions;
	const struct uapi_option *options;
	int nr_options;
	const struct uapi_event *events;
	int nr_events;
	const struct uapi_capability *capabilities;
	int nr_capabilities;
	const struct uapi_flag *flags;
	int nr_flags;
	const struct uapi_constant *constants;
	int nr_constants;
	const struct uapi_ioctl *ioctls;
	int nr_ioctls;
	const struct uapi_struct *structs;
	int nr_structs;
	const struct uapi_duplicate *duplicates;
	int nr_duplicates;
	struct uapi_kvm_half kvm;
	struct uapi_vmm_half vmm;
};

extern const struct uapi_encoding uapi_encoding;
#ifndef UAPILAB_SHIM
const unsigned int uapi_abi __attribute__((weak)) = UAPILAB_ABI;
#endif

/* ---- Calls: each is one access and one scheduling point ------------------------------------------------------- */

enum uapi_call {
	UAPI_CALL_LOAD, UAPI_CALL_GET_USER, UAPI_CALL_STORE, UAPI_CALL_XCHG, UAPI_CALL_CMPXCHG, UAPI_CALL_AND,
	UAPI_CALL_OR, UAPI_CALL_ADD, UAPI_CALL_MB, UAPI_CALL_FILL, UAPI_CALL_COUNT, UAPI_CALL_CHECKPOINT,
	UAPI_CALL_APF_LIMIT, UAPI_CALL_CAN_DO_APF, UAPI_CALL_CAN_DELIVER_APF, UAPI_CALL_FIND_APF,
	UAPI_CALL_FIND_APF_BY_TOKEN, UAPI_CALL_APF_AT, UAPI_CALL_SETUP_APF, UAPI_CALL_CANCEL_APF,
	UAPI_CALL_INJECT_NOT_PRESENT, UAPI_CALL_COMPLETE_APF, UAPI_CALL_REQUEST_HALT, UAPI_CALL_KICK,
	UAPI_CALL_QUEUE_WORK, UAPI_CALL_KVM_SIGNAL_EVENTFD, UAPI_CALL_LOCK, UAPI_CALL_UNLOCK,
	UAPI_CALL_IOCTL, UAPI_CALL_ADD_WAITER, UAPI_CALL_TAKE_WAITER, UAPI_CALL_REPORT_FAULT, UAPI_CALL_WRITE_SEEN,
	UAPI_CALL_VMM_SIGNAL_EVENTFD, UAPI_CALL_READ_EVENTFD, UAPI_CALL_UPDATE_MEMSLOT,
};

enum uapi_order { UAPI_RELAXED, UAPI_ACQUIRE, UAPI_RELEASE, UAPI_ACQ_REL, UAPI_SEQ_CST };

/* Which call stands where: what a history says of a step. */
struct uapi_place {
	const char *file;
	u32 line;
	enum uapi_call call;
};

/* Answers a call from the record, or leaves the half. */
const u64 *uapi_request(const struct uapi_place *place, u64 a, u64 b, u64 c, u64 d, u64 e);
unsigned int uapi_option(int option);

#define UAPI_REQUEST(which, a, b, c, d, e) __extension__ ({ \
	static const struct uapi_place uapi_here_ = { __FILE__, __LINE__, which }; \
	uapi_request(&uapi_here_, (u64)(a), (u64)(b), (u64)(c), (u64)(d), (u64)(e)); })
#define UAPI_WORD(which, a, b, c, d) (UAPI_REQUEST(which, a, b, c, d, 0)[0])
#define UAPI_VOID(which, a, b, c, d, e) ((void)UAPI_REQUEST(which, a, b, c, d, e))

/* Index of a word of a unit: of a vCPU or of the slot of an APF. */
static inline u64 uapi_at(int region, int unit, int word)
{
	/* An index that no region has is refused where it is used. */
	if (region < 0 || region >= (int)uapi_encoding.nr_regions)
		return ~(u64)0;
	return (u64)unit * (u64)uapi_encoding.regions[region].count + (u64)word;
}

#define uapi_load(region, index) UAPI_WORD(UAPI_CALL_LOAD, region, index, UAPI_RELAXED, 0)
#define uapi_load_acquire(region, index) UAPI_WORD(UAPI_CALL_LOAD, region, index, UAPI_ACQUIRE, 0)
#define uapi_store(region, index, value) UAPI_VOID(UAPI_CALL_STORE, region, index, value, UAPI_RELAXED, 0)
#define uapi_store_release(region, index, value) UAPI_VOID(UAPI_CALL_STORE, region, index, value, UAPI_RELEASE, 0)

/* get_user(): 0, or -EFAULT where userspace's memory cannot be read. */
static inline int uapi_get_user_(const u64 *answer, u64 *value)
{
	*value = answer[1];
	return answer[0] ? 0 : -EFAULT;
}

#define uapi_get_user(value, region, index) \
	uapi_get_user_(UAPI_REQUEST(UAPI_CALL_GET_USER, region, index, UAPI_RELAXED, 0, 0), value)
#define uapi_get_user_acquire(value, region, index) \
	uapi_get_user_(UAPI_REQUEST(UAPI_CALL_GET_USER, region, index, UAPI_ACQUIRE, 0, 0), value)

/* Each returns the old value. Fully ordered, but for those whose names say less. */
#define uapi_xchg(region, index, value) UAPI_WORD(UAPI_CALL_XCHG, region, index, value, UAPI_SEQ_CST)
#define uapi_xchg_acquire(region, index, value) UAPI_WORD(UAPI_CALL_XCHG, region, index, value, UAPI_ACQUIRE)
#define uapi_xchg_release(region, index, value) UAPI_WORD(UAPI_CALL_XCHG, region, index, value, UAPI_RELEASE)
#define uapi_xchg_relaxed(region, index, value) UAPI_WORD(UAPI_CALL_XCHG, region, index, value, UAPI_RELAXED)
#define UAPI_CMPXCHG(region, index, old, new, order) \
	(UAPI_REQUEST(UAPI_CALL_CMPXCHG, region, index, old, new, order)[0])
#define uapi_cmpxchg(region, index, old, new) UAPI_CMPXCHG(region, index, old, new, UAPI_SEQ_CST)
#define uapi_cmpxchg_acquire(region, index, old, new) UAPI_CMPXCHG(region, index, old, new, UAPI_ACQUIRE)
#define uapi_cmpxchg_release(region, index, old, new) UAPI_CMPXCHG(region, index, old, new, UAPI_RELEASE)
#define uapi_cmpxchg_relaxed(region, index, old, new) UAPI_CMPXCHG(region, index, old, new, UAPI_RELAXED)
#define uapi_fetch_and(region, index, mask) UAPI_WORD(UAPI_CALL_AND, region, index, mask, UAPI_SEQ_CST)
#define uapi_fetch_and_acquire(region, index, mask) UAPI_WORD(UAPI_CALL_AND, region, index, mask, UAPI_ACQUIRE)
#define uapi_fetch_and_release(region, index, mask) UAPI_WORD(UAPI_CALL_AND, region, index, mask, UAPI_RELEASE)
#define uapi_fetch_and_relaxed(region, index, mask) UAPI_WORD(UAPI_CALL_AND, region, index, mask, UAPI_RELAXED)
#define uapi_fetch_or(region, index, bits) UAPI_WORD(UAPI_CALL_OR, region, index, bits, UAPI_SEQ_CST)
#define uapi_fetch_or_acquire(region, index, bits) UAPI_WORD(UAPI_CALL_OR, region, index, bits, UAPI_ACQUIRE)
#define uapi_fetch_or_release(region, index, bits) UAPI_WORD(UAPI_CALL_OR, region, index, bits, UAPI_RELEASE)
#define uapi_fetch_or_relaxed(region, index, bits) UAPI_WORD(UAPI_CALL_OR, region, index, bits, UAPI_RELAXED)
#define uapi_fetch_add(region, index, addend) UAPI_WORD(UAPI_CALL_ADD, region, index, addend, UAPI_SEQ_CST)
#define uapi_fetch_add_acquire(region, index, addend) UAPI_WORD(UAPI_CALL_ADD, region, index, addend, UAPI_ACQUIRE)
#define uapi_fetch_add_release(region, index, addend) UAPI_WORD(UAPI_CALL_ADD, region, index, addend, UAPI_RELEASE)
#define uapi_fetch_add_relaxed(region, index, addend) UAPI_WORD(UAPI_CALL_ADD, region, index, addend, UAPI_RELAXED)
#define uapi_mb() UAPI_VOID(UAPI_CALL_MB, 0, 0, 0, 0, 0)
#define uapi_fill(region, first, count, value) UAPI_VOID(UAPI_CALL_FILL, region, first, count, value, 0)
#define uapi_count(event) UAPI_VOID(UAPI_CALL_COUNT, event, 0, 0, 0, 0)

/* Head of a loop: from the second visit on, only the arguments, what was read before, and the live words count. */
static inline void uapi_live_(const u64 *answer, u64 *live0, u64 *live1)
{
	*live0 = answer[0];
	*live1 = answer[1];
}

#define uapi_checkpoint(label) UAPI_VOID(UAPI_CALL_CHECKPOINT, label, 0, 0, 0, 0)
#define uapi_checkpoint_live(label, live) __extension__ ({ u64 uapi_none_; \
	uapi_live_(UAPI_REQUEST(UAPI_CALL_CHECKPOINT, label, 1, *(live), 0, 0), live, &uapi_none_); })
#define uapi_checkpoint_live2(label, live0, live1) \
	uapi_live_(UAPI_REQUEST(UAPI_CALL_CHECKPOINT, label, 2, *(live0), *(live1), 0), live0, live1)

static inline struct kvm_apf uapi_apf_(const u64 *answer)
{
	return (struct kvm_apf){ .slot = (int)answer[0], .token = (u32)answer[1], .gfn = answer[2] };
}

#define kvm_apf_limit() ((int)UAPI_WORD(UAPI_CALL_APF_LIMIT, 0, 0, 0, 0))
#define kvm_can_do_apf(vcpu) ((bool)UAPI_WORD(UAPI_CALL_CAN_DO_APF, vcpu, 0, 0, 0))
#define kvm_can_deliver_apf(vcpu) ((bool)UAPI_WORD(UAPI_CALL_CAN_DELIVER_APF, vcpu, 0, 0, 0))
#define kvm_find_apf(vcpu, gfn) uapi_apf_(UAPI_REQUEST(UAPI_CALL_FIND_APF, vcpu, gfn, 0, 0, 0))
#define kvm_find_apf_by_token(vcpu, token) \
	uapi_apf_(UAPI_REQUEST(UAPI_CALL_FIND_APF_BY_TOKEN, vcpu, (u32)(token), 0, 0, 0))
#define kvm_apf_at(vcpu, place) uapi_apf_(UAPI_REQUEST(UAPI_CALL_APF_AT, vcpu, place, 0, 0, 0))
#define kvm_setup_apf(vcpu, gfn, prefault) uapi_apf_(UAPI_REQUEST(UAPI_CALL_SETUP_APF, vcpu, gfn, prefault, 0, 0))
#define UAPI_OF_APF(which, vcpu, ...) __extension__ ({ const struct kvm_apf uapi_apf__ = (__VA_ARGS__); \
	UAPI_REQUEST(which, vcpu, uapi_apf__.slot, uapi_apf__.token, uapi_apf__.gfn, 0)[0]; })
#define kvm_cancel_apf(vcpu, apf) ((void)UAPI_OF_APF(UAPI_CALL_CANCEL_APF, vcpu, apf))
#define kvm_inject_not_present(vcpu, apf) ((bool)UAPI_OF_APF(UAPI_CALL_INJECT_NOT_PRESENT, vcpu, apf))
#define kvm_complete_apf(vcpu, apf) ((void)UAPI_OF_APF(UAPI_CALL_COMPLETE_APF, vcpu, apf))
#define kvm_request_halt(vcpu) UAPI_VOID(UAPI_CALL_REQUEST_HALT, vcpu, 0, 0, 0, 0)
#define kvm_kick(vcpu) UAPI_VOID(UAPI_CALL_KICK, vcpu, 0, 0, 0, 0)
#define kvm_queue_work(argument) UAPI_VOID(UAPI_CALL_QUEUE_WORK, argument, 0, 0, 0, 0)
#define kvm_signal_eventfd(eventfd) UAPI_VOID(UAPI_CALL_KVM_SIGNAL_EVENTFD, eventfd, 0, 0, 0, 0)
#define kvm_lock(which, vcpu) UAPI_VOID(UAPI_CALL_LOCK, which, vcpu, 0, 0, 0)
#define kvm_unlock(which, vcpu) UAPI_VOID(UAPI_CALL_UNLOCK, which, vcpu, 0, 0, 0)

/* Bytes of the structure that fit the carrier; what is behind them is taken for 0. */
struct uapi_carrier {
	u64 word[4];
};

static inline struct uapi_carrier uapi_carry_(const void *argument, size_t size)
{
	struct uapi_carrier carrier = { { 0, 0, 0, 0 } };

	__builtin_memcpy(&carrier, argument, size < sizeof(carrier) ? size : sizeof(carrier));
	return carrier;
}

/* vmm_ioctl(vcpu, number, argument), where argument points to the structure of the ioctl: 0, or minus an errno. */
#define vmm_ioctl(vcpu, number, ...) __extension__ ({ \
	const struct uapi_carrier uapi_carried_ = uapi_carry_(__VA_ARGS__, sizeof(*(__VA_ARGS__))); \
	(long)(UAPI_REQUEST(UAPI_CALL_IOCTL, (u64)(u32)(vcpu) << 32 | (u32)(number), uapi_carried_.word[0], \
		uapi_carried_.word[1], uapi_carried_.word[2], uapi_carried_.word[3])[0]); })

static inline bool uapi_waiter_(const u64 *answer, struct vmm_waiter *waiter)
{
	waiter->vcpu = (int)answer[1];
	waiter->cookie = answer[2];
	return answer[0];
}

#define vmm_add_waiter(gfn, vcpu, cookie) ((bool)UAPI_WORD(UAPI_CALL_ADD_WAITER, gfn, vcpu, cookie, 0))
#define vmm_take_waiter(gfn, waiter) \
	uapi_waiter_(UAPI_REQUEST(UAPI_CALL_TAKE_WAITER, gfn, 0, 0, 0, 0), waiter)
#define vmm_report_fault(vcpu, gfn) UAPI_VOID(UAPI_CALL_REPORT_FAULT, vcpu, gfn, 0, 0, 0)
#define vmm_write_seen(gfn) UAPI_VOID(UAPI_CALL_WRITE_SEEN, gfn, 0, 0, 0, 0)
#define vmm_signal_eventfd(eventfd) UAPI_VOID(UAPI_CALL_VMM_SIGNAL_EVENTFD, eventfd, 0, 0, 0, 0)
#define vmm_read_eventfd(eventfd) UAPI_WORD(UAPI_CALL_READ_EVENTFD, eventfd, 0, 0, 0)
#define vmm_update_memslot(userfault) ((long)UAPI_WORD(UAPI_CALL_UPDATE_MEMSLOT, userfault, 0, 0, 0))

#endif
