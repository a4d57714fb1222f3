namespace UapiLab.Harness.Uapi.Selftest;

/// <summary>What every such program has in common.</summary>
internal static class SelftestC
{
    /// <summary>Includes, a report in the format of kselftest (TAP), and a guest in real mode.</summary>
    public const string Helpers = """
        #define _GNU_SOURCE
        #include <errno.h>
        #include <fcntl.h>
        #include <pthread.h>
        #include <signal.h>
        #include <stdint.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/ioctl.h>
        #include <sys/mman.h>
        #include <unistd.h>
        #include <linux/kvm.h>

        #define KSFT_SKIP	4
        #define MEMORY		(64 * 4096)
        #define CODE		0x1000
        #define MARKED		0x10000
        #define CONTENT		0x5a
        #define PORT		0x10

        static uint8_t memory[MEMORY] __attribute__((aligned(4096)));
        static int tests, failures, run_size;

        static void check(int holds, const char *what)
        {
        	tests++;
        	failures += !holds;
        	printf("%sok %d - %s\n", holds ? "" : "not ", tests, what);
        }

        /* An ioctl that succeeds, or fails with this errno. */
        static void expect(int result, int error, const char *what)
        {
        	int was = result < 0 ? errno : 0;

        	check(was == error, what);
        	if (was != error)
        		printf("# errno %d (%s), expected %d\n", was, strerror(was), error);
        }

        static int must(int result, const char *what)
        {
        	if (result < 0) {
        		printf("Bail out! %s: %s\n", what, strerror(errno));
        		exit(1);
        	}
        	return result;
        }

        static void skip(const char *what)
        {
        	printf("1..0 # SKIP there is no %s\n", what);
        	exit(KSFT_SKIP);
        }

        /* KVM_SET_TSS_ADDR is for Intel alone. */
        static int create_vm(int kvm)
        {
        	int vm;

        	alarm(30);
        	vm = must(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
        	(void)ioctl(vm, KVM_SET_TSS_ADDR, 0xfffbd000UL);
        	must(ioctl(vm, KVM_CREATE_IRQCHIP, 0), "KVM_CREATE_IRQCHIP");
        	return vm;
        }

        /* What the guest wrote to the port; -1 if it is not there. */
        static int written(const struct kvm_run *run)
        {
        	if (run->exit_reason != KVM_EXIT_IO || run->io.port != PORT || run->io.size != 1)
        		return -1;
        	return *((const uint8_t *)run + run->io.data_offset);
        }

        static int finish(void)
        {
        	printf("1..%d\n", tests);
        	return failures > 0;
        }

        static inline int enable_cap(int fd, uint32_t cap, uint32_t flags, uint64_t on)
        {
        	struct kvm_enable_cap arg = { .cap = cap, .flags = flags, .args = { on } };

        	return ioctl(fd, KVM_ENABLE_CAP, &arg);
        }

        static inline void set(void *arg, size_t size, const uint64_t *words)
        {
        	memset(arg, 0, size);
        	memcpy(arg, words, size < 32 ? size : 32);
        }

        static struct kvm_run *map_run(int kvm, int vcpu)
        {
        	void *run;

        	run_size = must(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "KVM_GET_VCPU_MMAP_SIZE");
        	run = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
        	if (run == MAP_FAILED)
        		must(-1, "mmap");
        	return run;
        }

        /* mov $0x1000, %ax; mov %ax, %ds; mov (0), %al; out %al, $PORT, over and over: MARKED is 0x1000:0. */
        static void load_guest(void)
        {
        	static const uint8_t code[] = {
        		0xb8, 0x00, 0x10, 0x8e, 0xd8, 0xa0, 0x00, 0x00, 0xe6, PORT, 0xeb, 0xfc,
        	};

        	memcpy(memory + CODE, code, sizeof(code));
        }

        static void start_guest(int vcpu)
        {
        	struct kvm_regs regs = { .rip = CODE, .rflags = 2 };
        	struct kvm_sregs sregs;

        	must(ioctl(vcpu, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
        	sregs.cs.base = 0;
        	sregs.cs.selector = 0;
        	must(ioctl(vcpu, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
        	must(ioctl(vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");
        }

        """;
}
