namespace UapiLab.Harness.Uapi.Selftest;

/// <summary>What scenarios have in common: a guest that takes async page faults, and a thread in KVM_RUN.</summary>
internal static class GuestC
{
    /// <summary>Behind <see cref="SelftestC.Helpers"/>; where a memslot is set up and capabilities are enabled differs
    /// with the encoding.</summary>
    public const string Helpers = """

        #define HANDLERS	0x2000
        #define GDT		0x3000
        #define IDT		0x4000
        #define COUNTS		0x5000
        #define TASK		0x5100
        #define STACK_END	0x7000
        #define DIRECTORY	0xc000
        #define PAGE_FAULT	14
        #define READY		0x32

        struct guest {
        	int vm, vcpu, is_inside, error, result;
        	struct kvm_run *run;
        	pthread_t thread;
        };

        /*
         * SVR := 0x1ff; MSR_KVM_ASYNC_PF_INT := READY; MSR_KVM_ASYNC_PF_EN := 0x5040, on,
         * SEND_ALWAYS, DELIVERY_AS_INT; then sti; nop; cli until the wake-all has come, and out.
         */
        static const uint8_t enable_apf[] = {
        	0xb9, 0x0f, 0x08, 0, 0, 0xb8, 0xff, 0x01, 0, 0, 0x31, 0xd2, 0x0f, 0x30,
        	0xb9, 0x06, 0x4d, 0x56, 0x4b, 0xb8, READY, 0, 0, 0, 0x0f, 0x30,
        	0xb9, 0x02, 0x4d, 0x56, 0x4b, 0xb8, 0x4b, 0x50, 0, 0, 0x0f, 0x30,
        	0xfb, 0x90, 0xfa, 0x83, 0x3d, 0x08, 0x50, 0, 0, 0, 0x74, 0xf4, 0xe6, PORT,
        };

        /*
         * One task, whose row at TASK has its page, how many are left, the token for which it
         * sleeps, and what it read. It reads with interrupts on. A scheduler halts while it
         * sleeps, and writes to the port when it is through.
         */
        static const uint8_t run_task[] = {
        	0xbd, 0xf0, 0x50, 0, 0,
        	0xfa, 0x89, 0xf1, 0x81, 0xe9, 0, 0x51, 0, 0, 0xc1, 0xe9, 0x04, 0x74, 0x2d,
        	0x83, 0xc5, 0x10, 0x39, 0xf5, 0x72, 0x05, 0xbd, 0, 0x51, 0, 0,
        	0x83, 0x7d, 0x08, 0, 0x75, 0x06, 0x83, 0x7d, 0x04, 0, 0x75, 0x2c,
        	0x49, 0x75, 0xe5,
        	0xbb, 0, 0x51, 0, 0, 0x83, 0x7b, 0x08, 0, 0x75, 0x09, 0x83, 0xc3, 0x10, 0x39, 0xf3, 0x72, 0xf3,
        	0xe6, PORT,
        	0x83, 0x3d, 0x10, 0x50, 0, 0, 0, 0x75, 0x0a,
        	0xff, 0x05, 0x0c, 0x50, 0, 0, 0xfb, 0xf4, 0xeb, 0xb0,
        	0xe6, PORT + 1,
        	0x8b, 0x7d, 0, 0x0f, 0x1f, 0, 0xfb, 0x90, 0x8a, 0x07, 0x88, 0x45, 0x0c,
        	0x81, 0x45, 0, 0, 0x10, 0, 0, 0xff, 0x4d, 0x04, 0x75, 0xe7,
        	0xeb, 0x93,
        };

        /* #PF: flags must be 1 and become 0; the task sleeps for the token in %cr2. */
        static const uint8_t page_fault[] = {
        	0x83, 0x3d, 0x40, 0x50, 0, 0, 1, 0x75, 0x22,
        	0xbc, 0, 0x70, 0, 0, 0x0f, 0x20, 0xd0, 0xc7, 0x05, 0x40, 0x50, 0, 0, 0, 0, 0, 0, 0x89, 0x45, 0x08,
        	0xff, 0x05, 0x04, 0x50, 0, 0, 0xb8, 0x05, 0x10, 0, 0, 0xff, 0xe0,
        	0xe6, PORT + 1,
        };

        /* EOI; wake who sleeps for the token, or everybody; token := 0; MSR_KVM_ASYNC_PF_ACK := 1. */
        static const uint8_t ready[] = {
        	0x60, 0xb9, 0x0b, 0x08, 0, 0, 0x31, 0xc0, 0x31, 0xd2, 0x0f, 0x30,
        	0xa1, 0x44, 0x50, 0, 0, 0xff, 0x05, 0x08, 0x50, 0, 0,
        	0xbb, 0, 0x51, 0, 0, 0x39, 0xf3, 0x73, 0x16,
        	0x39, 0x43, 0x08, 0x74, 0x05, 0x83, 0xf8, 0xff, 0x75, 0x07,
        	0xc7, 0x43, 0x08, 0, 0, 0, 0, 0x83, 0xc3, 0x10, 0xeb, 0xe6,
        	0xc7, 0x05, 0x44, 0x50, 0, 0, 0, 0, 0, 0,
        	0xb9, 0x07, 0x4d, 0x56, 0x4b, 0xb8, 1, 0, 0, 0, 0x0f, 0x30, 0x61, 0xcf,
        };

        static uint32_t *guest_word(int at)
        {
        	return (uint32_t *)(void *)(memory + at);
        }

        static uint32_t counted(int at)
        {
        	return __atomic_load_n(guest_word(COUNTS + at), __ATOMIC_ACQUIRE);
        }

        /* A gate that switches interrupts off. */
        static void lay_handler(int vector, int at, const uint8_t *code, size_t size)
        {
        	memcpy(memory + at, code, size);
        	guest_word(IDT)[2 * vector] = 0x80000 | at;
        	guest_word(IDT)[2 * vector + 1] = 0x8e00;
        }

        /* 32 bits, flat segments, pages of 4 MiB where they are, the local APIC in x2APIC mode. */
        static void enter_protected_mode(int vcpu)
        {
        	struct kvm_segment segment = { .limit = 0xffffffff, .present = 1, .db = 1, .s = 1, .g = 1 };
        	struct kvm_sregs sregs;
        	int i;

        	guest_word(GDT)[2] = 0xffff;
        	guest_word(GDT)[3] = 0xcf9b00;
        	guest_word(GDT)[4] = 0xffff;
        	guest_word(GDT)[5] = 0xcf9300;
        	for (i = 0; i < 1024; i++)
        		guest_word(DIRECTORY)[i] = (uint32_t)i << 22 | 0xe3;
        	must(ioctl(vcpu, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
        	segment.selector = 16;
        	segment.type = 3;
        	sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = segment;
        	segment.selector = 8;
        	segment.type = 11;
        	sregs.cs = segment;
        	sregs.gdt.base = GDT;
        	sregs.gdt.limit = 3 * 8 - 1;
        	sregs.idt.base = IDT;
        	sregs.idt.limit = (READY + 1) * 8 - 1;
        	sregs.cr0 |= 0x80000001;
        	sregs.cr3 = DIRECTORY;
        	sregs.cr4 |= 0x10;
        	sregs.apic_base |= 0xc00;
        	must(ioctl(vcpu, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
        }

        static void take_cpuid(int kvm, int vcpu)
        {
        	struct kvm_cpuid2 *cpuid = calloc(1, sizeof(*cpuid) + 256 * sizeof(cpuid->entries[0]));

        	if (!cpuid)
        		must(-1, "calloc");
        	cpuid->nent = 256;
        	must(ioctl(kvm, KVM_GET_SUPPORTED_CPUID, cpuid), "KVM_GET_SUPPORTED_CPUID");
        	must(ioctl(vcpu, KVM_SET_CPUID2, cpuid), "KVM_SET_CPUID2");
        	free(cpuid);
        }

        /* Is done with the exit to userspace before, and begins at CODE. */
        static void start_at_code(struct guest *g, const uint8_t *code, size_t size)
        {
        	struct kvm_regs regs = { .rip = CODE, .rsp = STACK_END, .rflags = 2, .rsi = TASK + 16 };

        	g->run->immediate_exit = 1;
        	(void)ioctl(g->vcpu, KVM_RUN, 0);
        	g->run->immediate_exit = 0;
        	memcpy(memory + CODE, code, size);
        	must(ioctl(g->vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");
        }

        static void leave(int signal)
        {
        	(void)signal;
        }

        static void *run_vcpu(void *of)
        {
        	struct guest *g = of;

        	g->result = ioctl(g->vcpu, KVM_RUN, 0);
        	g->error = g->result < 0 ? errno : 0;
        	__atomic_store_n(&g->is_inside, 0, __ATOMIC_RELEASE);
        	return NULL;
        }

        /* KVM_RUN in a thread of its own, so that the VMM can act while the vCPU halts. */
        static void enter(struct guest *g)
        {
        	g->is_inside = 1;
        	if (pthread_create(&g->thread, NULL, run_vcpu, g))
        		must(-1, "pthread_create");
        }

        /* Whether KVM_RUN returns within two seconds. */
        static int returns(struct guest *g)
        {
        	int i;

        	for (i = 0; i < 2000 && __atomic_load_n(&g->is_inside, __ATOMIC_ACQUIRE); i++)
        		usleep(1000);
        	if (__atomic_load_n(&g->is_inside, __ATOMIC_ACQUIRE))
        		return 0;
        	if (g->thread)
        		pthread_join(g->thread, NULL);
        	g->thread = 0;
        	return 1;
        }

        static inline void exits(struct guest *g, uint64_t flags)
        {
        	int is_back = returns(g);

        	check(is_back && g->error == EFAULT && g->run->exit_reason == KVM_EXIT_MEMORY_FAULT &&
        	      g->run->memory_fault.gpa == MARKED, "KVM_RUN returns with a memory fault at the page");
        	check(is_back && (g->run->memory_fault.flags & EXIT_FLAGS) == flags, "flags of the exit");
        }

        /* Inside, and without progress for a fifth of a second. */
        static inline void halts(struct guest *g)
        {
        	uint32_t not_presents, readies;
        	int i;

        	for (i = 0; i < 10; i++) {
        		not_presents = counted(4);
        		readies = counted(8);
        		usleep(200000);
        		if (not_presents == counted(4) && readies == counted(8))
        			break;
        	}
        	check(__atomic_load_n(&g->is_inside, __ATOMIC_ACQUIRE), "the vCPU halts in KVM_RUN");
        }

        static inline void ends(struct guest *g, int content)
        {
        	check(returns(g) && written(g->run) >= 0, "the guest goes on");
        	check(memory[TASK + 12] == content, content ? "the guest has read the content" : "it has read zero");
        }

        static inline void has_taken(uint32_t not_presents, uint32_t readies)
        {
        	check(counted(4) == not_presents && counted(8) == readies, "what the guest has taken");
        	if (counted(4) != not_presents || counted(8) != readies)
        		printf("# %u not-present and %u ready, expected %u and %u\n", counted(4), counted(8),
        		       not_presents, readies);
        }

        /* A VM whose guest has async page faults on, and is about to run its task. */
        static void begin(struct guest *g, int kvm, int number, const char *title)
        {
        	struct sigaction action = { .sa_handler = leave };

        	printf("# scenario %d: %s\n", number, title);
        	must(sigaction(SIGUSR1, &action, NULL), "sigaction");
        	memset(g, 0, sizeof(*g));
        	memset(memory, 0, sizeof(memory));
        	must(madvise(memory + MARKED, 4096, MADV_DONTNEED), "madvise");
        	clear_words();
        	g->vm = create_vm(kvm);
        	enable_vm(g->vm);
        	g->vcpu = must(ioctl(g->vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
        	enable_vcpu(g->vcpu);
        	g->run = map_run(kvm, g->vcpu);
        	must(set_slot(g->vm), "KVM_SET_USER_MEMORY_REGION2");
        	take_cpuid(kvm, g->vcpu);
        	enter_protected_mode(g->vcpu);
        	lay_handler(PAGE_FAULT, HANDLERS, page_fault, sizeof(page_fault));
        	lay_handler(READY, HANDLERS + 0x100, ready, sizeof(ready));
        	start_at_code(g, enable_apf, sizeof(enable_apf));
        	enter(g);
        	if (!returns(g) || written(g->run) < 0) {
        		printf("Bail out! the guest does not get async page faults on: exit_reason %u, errno %d\n",
        		       g->run->exit_reason, g->error);
        		exit(1);
        	}
        	guest_word(COUNTS)[2] = 0;
        	guest_word(TASK)[0] = MARKED;
        	guest_word(TASK)[1] = 1;
        	start_at_code(g, run_task, sizeof(run_task));
        }

        static void end(struct guest *g)
        {
        	while (g->thread) {
        		g->run->immediate_exit = 1;
        		pthread_kill(g->thread, SIGUSR1);
        		returns(g);
        	}
        	munmap(g->run, run_size);
        	close(g->vcpu);
        	close(g->vm);
        }

        """;
}
