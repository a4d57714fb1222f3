/* single-bit, async-hint at-fault and async-hint at-reentry on one vCPU and one frame, for SPIN.
   Written from the state tables (src/Encodings), docs/contract.md, docs/model.md and arch/x86/kvm/x86.c;
   it shares no line with the machine. bench/spin/verdicts.sh runs it and compares. Rules (A5) are those of docs/model.md.

   -DENC=SB|ATF|ATR  -DTASKS=1|2  -DPREFETCH -DREARM -DKERNEL -DIF0 -DTEARDOWN
   -DSIGNALS=n -DREFUSALS=n -DCOPIES=n -DCARELESS=n -DREPEATS=n   what the environment may do, as in an instance of check
   -DD_...           one thing that is wrong
   An event is an assertion that fails, so that one search (pan -c0) tells all of them. */
#define SB 1
#define ATF 2
#define ATR 3
#ifndef ENC
#define ENC SB
#endif
#ifndef TASKS
#define TASKS 1
#endif
#ifndef SIGNALS
#define SIGNALS 0
#endif
#ifndef REFUSALS
#define REFUSALS 0
#endif
#ifndef COPIES
#define COPIES 0
#endif
#ifndef CARELESS
#define CARELESS 0
#endif
#ifndef REPEATS
#define REPEATS 0
#endif
#ifdef D_POSTED
#define WAKES 2                 /* the RFC queues a wake-all on its own list too (A12) */
#else
#define WAKES 1
#endif

/* Below 10 what must never happen, from 11 what is seen sometimes: properties of check by their names. */
#define EVENT(n) assert(0 == ev_##n)
#define ev_unpopulated_read 1
#define ev_unmatched_ready 2
#define ev_illegal_injection 3
#define ev_errno_contract 4
#define ev_apf_injected 11
#define ev_ready_delivered 12
#define ev_early_wake 13
#define ev_vcpu_halted 14
#define ev_repeated_fault 15
#define ev_injection_refused 16
#define ev_back_to_back_apf 17
#define ev_late_apf 18
#define ev_in_flight_apf 19
#define ev_eintr 20
#define ev_re_armed 21
#define ev_apf_dropped 22
#define ev_empty_ready 23
#define ev_model_error 31          /* a bound of this model was passed */

#define NOBODY 9                /* no task */
#define USER 0
#define CPL0 1
#define NO_IF 2
#define OFF 3                   /* the guest disables APF, then touches the page in user mode */
#define UNDECIDED 4
#define ALL 7                   /* the token ~0 */
#define AWAKE 0                 /* a task that does not sleep; else the token on which it does */
#define FINISHED 8

/* The page, and what the VMM knows of it. */
bit armed = 1;                  /* its bit in the bitmap */
bit content, mapped;
bit seq;                        /* the invalidate sequence */
byte fetch;                     /* 0 none, 1 the vCPU thread will get it, 2 issued, 3 arrived */
byte waiters, waiter[3];
byte handlers;                  /* threads that say that the page is there (V2) */
bit rearming;

/* The vCPU. */
bit apf_on = 1;                /* MSR_KVM_ASYNC_PF_EN */
byte word;                      /* the token word of the APF area */
bit due;                        /* pageready_pending */
bit request_ready = 1, request_halt, halted, hlt, kicked, irq;
byte pf;                        /* token of a #PF that is queued */

/* Its APFs: wake-alls come first in the list, and one frame has one APF. */
byte wakes = WAKES;
byte apf;                       /* 0 none, 1 outstanding, 2 completed */
byte token, next_token = 1;
bit listed, injected, late, was_in_flight, clearing;
bit pending;                    /* at-fault: neither accepted nor completed */
bit offer; byte answer;         /* at-reentry */

/* The guest. */
byte task[TASKS];
byte mode[TASKS];
byte left = TASKS;
byte dummy;

/* What the environment may still do. Signals do not count as help, so their number is drawn at first. */
byte signals, refusals = REFUSALS, copies = COPIES, careless = CARELESS, repeats = REPEATS;

#define DONE_LIST (wakes > 0 || listed)

/* A7. Under the APF lock: an atomic step. */
inline complete(t) {
    if
    :: apf == 1 && token == t ->
        if
#ifndef D_A7
        :: !DONE_LIST ->
            request_ready = 1;
            if :: !due -> kicked = 1 :: else fi
#endif
        :: else
        fi;
        apf = 2; listed = 1; pending = 0
    :: else -> EVENT(unmatched_ready)
    fi
}

/* KVM's end of the ioctl READY. at-fault and at-reentry name the frame, single-bit the token. */
inline ready_once(t) {
#if ENC == SB && (defined(D_POSTED) || defined(D_DOUBLE_READY))
#ifdef D_POSTED
    if
    :: atomic { (apf != 0 && token == t) -> skip }; atomic { complete(t) }
    :: atomic { !(apf != 0 && token == t) -> skip }
    fi
#else
    atomic { if :: apf != 0 && token == t -> complete(t) :: else fi }
#endif
#elif ENC == SB
    atomic { if :: apf == 1 && token == t -> complete(t) :: else fi }
#else
    atomic {
        if
        :: clearing                                  /* EBUSY */
        :: !clearing && apf == 1 -> complete(token)
        :: !clearing && apf == 2                     /* EALREADY */
        :: !clearing && apf == 0 ->
            if
#if ENC == ATR && !defined(D_KEEPS_OFFERS)
            :: offer -> offer = 0
#endif
            :: else ->                               /* ENOENT */
#ifdef D_EAGAIN
                EVENT(errno_contract);
#endif
                skip
            fi
        fi
    }
#endif
}

inline ready(t) {
#ifndef D_NEVER_READY
    ready_once(t);
#endif
#ifdef D_DOUBLE_READY
    ready_once(t);
#endif
    if :: repeats > 0 -> repeats--; ready_once(t) :: true fi
}

/* The VMM's half when the content is there; on the thread that placed it, or found it. */
inline publish(t) {
#if !defined(D_NEVER_CLEARS) && !defined(D_CLEAR_AT_EXIT) && !defined(D_CLEAR_AT_FETCH)
    armed = 0;
#endif
    do
    :: atomic { waiters > 0 -> waiters--; t = waiter[waiters]; waiter[waiters] = 0 };
        ready(t);
        t = 0
    :: waiters == 0 -> break
    od
}

inline issue() {
    atomic {
        if
        :: fetch == 1 ->
#ifdef D_CLEAR_AT_FETCH
            armed = 0;
#endif
            fetch = 2
        :: else
        fi
    }
}

/* True where the waiter is entered; the arrival is marked in the same table. */
inline add_waiter(t) {
    atomic {
        if
        :: fetch != 3 ->
            if
            :: waiters < 3 -> waiter[waiters] = t; waiters++
            :: else -> EVENT(model_error)
            fi;
            entered = 1
        :: else -> entered = 0
        fi
    }
}

#define TOKEN_IN_USE (next_token == pf || next_token == word || next_token == dummy || task[0] == next_token \
    || task[TASKS - 1] == next_token)

inline set_up() {
    if
    :: TOKEN_IN_USE -> EVENT(model_error)
    :: else
    fi;
    apf = 1; token = next_token; injected = 0; late = 0; was_in_flight = 0;
#ifndef D_A4
    next_token = next_token % 6 + 1
#endif
}

/* A2. */
#ifdef D_A2
#define CAN_DELIVER (apf_on)
#else
#define CAN_DELIVER (apf_on && mode[cur] != CPL0)
#endif

/* A5. */
inline inject() {
    atomic {
        if
        :: CAN_DELIVER ->
            if
            :: refusals > 0 -> refusals--; EVENT(injection_refused); request_halt = 1
            :: true ->
                if :: mode[cur] == NO_IF || mode[cur] == CPL0 || pf != 0 -> EVENT(illegal_injection) :: else fi;
                EVENT(apf_injected);
                pf = token; injected = 1; late = content
            fi
        :: else ->
#ifndef D_A5
            request_halt = 1
#else
            skip
#endif
        fi
    }
}

/* kvm_check_async_pf_completion: A9 to A11. */
inline deliver() {
    do
    :: atomic { wakes > 0 && (!apf_on || word == 0) -> wakes-- };
        atomic {
            if :: apf_on -> word = ALL; due = 1; irq = 1 :: else fi;
            halted = 0; hlt = 0
        }
    :: atomic { wakes == 0 && listed && (!apf_on || word == 0) -> listed = 0; read = 1; snapshot = seq };
        if
        :: copies > 0 -> copies--; read = 1
        :: read = armed
        fi;
        atomic {
            if :: !read && snapshot == seq -> mapped = 1 :: else fi
        };
        atomic {
            if
#ifdef D_A10
            :: apf_on ->
#else
            :: injected && apf_on ->
#endif
                if :: !content -> EVENT(empty_ready) :: else fi;
                word = token; due = 1; irq = 1
            :: else ->
                if :: !content -> EVENT(empty_ready) :: else fi
            fi;
            halted = 0; hlt = 0
        };
        atomic { apf = 0; injected = 0; pending = 0; late = 0; was_in_flight = 0; read = 0; snapshot = 0 }
    :: !DONE_LIST || (apf_on && word != 0) -> break
    od
}

#ifdef D_ENTRY_ORDER
#define OVERTAKEN (irq && INTERRUPTS_ON)
#else
#define OVERTAKEN false
#endif
#define INTERRUPTS_ON (cur == NOBODY || mode[cur] != NO_IF)
#define RUNNABLE (DONE_LIST || pf != 0 || (irq && INTERRUPTS_ON))

active proctype vcpu() {
    byte cur = NOBODY, t = 0, wish = 0;
    byte exit_apf = 0;          /* what the exit says: 0 nothing, 1 APF started, 2 APF possible */
    bit read = 0, entered = 0, resolve = 0, snapshot = 0;

    d_step { t = 0; do :: t < TASKS -> mode[t] = UNDECIDED; t++ :: else -> break od; t = 0 };
    if :: signals = 0 :: signals = SIGNALS fi;

kvm_run: /* KVM_RUN is called. immediate_exit is looked at first. */
    if
    :: signals > 0 -> signals--; EVENT(eintr); goto kvm_run
    :: true
    fi;
#if ENC == ATF && !defined(D_NO_AUTO)
    atomic { if :: apf == 1 && pending -> complete(token) :: else fi };
#endif
#if ENC == ATR
    atomic { wish = answer; answer = 0 };
    if
    :: atomic { offer && wish == 0 -> offer = 0 }
    :: !offer -> wish = 0
    :: offer && wish == 1 ->
        wish = 0;
#if !defined(D_NO_LOOK) && !defined(D_LOOKS_LATE)
        if
        :: copies > 0 -> copies--; read = 0
        :: read = armed
        fi;
#else
        read = 1;
#endif
        if
        :: atomic { !read -> offer = 0 }
        :: else ->
            read = 0;
            atomic {
                if
                :: offer -> offer = 0; set_up(); entered = 1
                :: else -> entered = 0
                fi
            };
            if
            :: entered ->
                entered = 0;
#ifdef D_LOOKS_LATE
                if
                :: copies > 0 -> copies--; read = 0
                :: read = armed
                fi;
                if
                :: read -> inject()
                :: else -> atomic { if :: apf == 1 -> apf = 0 :: else fi }
                fi;
                read = 0
#else
                inject()
#endif
            :: else
            fi
        fi;
        read = 0
    fi;
#endif

loop: /* vcpu_enter_guest. What goes round for ever goes round here. */
accept_loop: /* Halt request, ready request, signal, event. */
    if :: halted || hlt -> goto block :: else fi;
    atomic {
        kicked = 0;
        if
        :: request_halt -> request_halt = 0; halted = 1; EVENT(vcpu_halted); goto block
        :: else
        fi
    };
    if
    :: atomic { request_ready -> request_ready = 0 }; deliver()
    :: !request_ready
    fi;
    if
    :: signals > 0 -> signals--; EVENT(eintr);
#ifdef D_A15
        pf = 0;
#endif
        goto kvm_run
    :: true
    fi;
    atomic {
        if
        :: request_ready || request_halt || kicked -> goto loop
        :: else
        fi;
        if
        :: pf != 0 && ((apf == 2 && token == pf) || word == pf) && !OVERTAKEN -> EVENT(back_to_back_apf)
        :: else
        fi;
        if
#ifdef D_ENTRY_ORDER
        :: irq && INTERRUPTS_ON -> irq = 0; goto interrupt
        :: pf != 0 && !(irq && INTERRUPTS_ON) -> goto not_present
#else
        :: pf != 0 -> goto not_present
        :: pf == 0 && irq && INTERRUPTS_ON -> irq = 0; goto interrupt
#endif
        :: pf == 0 && !(irq && INTERRUPTS_ON) -> goto guest
        fi
    };

not_present: /* The guest's #PF handler. */
    atomic {
        if :: late -> EVENT(late_apf) :: else fi;
        t = pf; pf = 0;
        if
        :: dummy == t -> dummy = 0
        :: else -> task[cur] = t; cur = NOBODY
        fi;
        t = 0
    };
    goto guest;

interrupt: /* The guest's handler of page-ready, and the exit that its ACK is. */
    atomic {
        t = 0; entered = 0;
        do
        :: t < TASKS ->
            if
            :: task[t] != AWAKE && task[t] != FINISHED && (task[t] == word || word == ALL) -> task[t] = AWAKE; entered = 1
            :: else
            fi;
            t++
        :: else -> break
        od;
        if :: word != ALL -> EVENT(ready_delivered) :: else fi;
        if
        :: !entered && word != ALL && word != 0 ->
            if :: dummy != 0 -> EVENT(model_error) :: else fi;
#ifndef D_NO_DUMMY
            dummy = word;
#endif
            EVENT(early_wake)
        :: else
        fi;
        entered = 0; t = 0;
#ifndef D_G2
        word = 0
#endif
    };
    due = 0;
    deliver();
    goto loop;

guest: /* The guest runs: a kick or an interrupt that it can take makes it leave. */
    atomic {
        if
        :: kicked || (irq && INTERRUPTS_ON) -> goto loop
        :: else
        fi;
        if
        :: cur != NOBODY && mode[cur] != USER && mode[cur] != OFF     /* not preempted */
        :: else ->
            cur = NOBODY;
            if
            :: task[0] == AWAKE -> cur = 0
#if TASKS > 1
            :: task[1] == AWAKE -> cur = 1
#endif
            :: else -> hlt = 1; goto block
            fi
        fi;
        if
        :: mode[cur] == UNDECIDED ->
            if
            :: mode[cur] = USER
#ifdef KERNEL
            :: mode[cur] = CPL0
#endif
#ifdef IF0
            :: mode[cur] = NO_IF
#endif
#ifdef TEARDOWN
            :: mode[cur] = OFF
#endif
            fi
        :: else
        fi
    };
    if
    :: mode[cur] == OFF -> goto teardown
    :: else
    fi;
access:
    atomic {
        if
        :: mapped ->
            if :: !content -> EVENT(unpopulated_read) :: else fi;
            task[cur] = FINISHED; left--; mode[cur] = USER; cur = NOBODY; goto guest
        :: else
        fi
    };

    /* A fault: F1, then the encoding. */
    snapshot = seq;
    if
    :: copies > 0 -> copies--; snapshot = 0; goto kvm_run        /* plain -EFAULT; the VMM calls again */
    :: read = armed
    fi;
    if
    :: !read ->
        atomic {
            if
            :: snapshot == seq -> mapped = 1
#ifdef D_F4
            :: snapshot != seq -> mapped = 1
#endif
            :: else
            fi;
            snapshot = 0
        };
        goto loop
    :: else
    fi;
    read = 0; snapshot = 0;
    if
#if !defined(D_ASKS_NOT)
    :: mode[cur] == NO_IF -> exit_apf = 0; goto vmm
#endif
    :: else
    fi;
    atomic {
        if
        :: apf != 0 ->
            EVENT(repeated_fault);
#ifndef D_A6
            request_halt = 1;
#endif
            goto loop
        :: else
        fi
    };
#if ENC == SB
    if
    :: !CAN_DELIVER -> exit_apf = 0; goto vmm
    :: else
    fi;
#endif
#if ENC == ATR
    atomic { offer = 1 };
    exit_apf = 2;
#else
    atomic {
        set_up();
#if ENC == ATF
        pending = 1;
#endif
        was_in_flight = (fetch == 2)
    };
    inject();
    if :: injected && was_in_flight -> EVENT(in_flight_apf) :: else fi;
    exit_apf = 1;
#endif

vmm: /* KVM_RUN has returned with a fault. A free policy: at once, by a fetch of its own, or handed off. */
    atomic {
        !rearming -> handlers++;
        if
        :: fetch == 3 -> resolve = 1
        :: fetch == 2 -> if :: resolve = 1 :: resolve = 0 fi
        :: fetch == 0 -> fetch = 1; if :: resolve = 1 :: resolve = 0 fi
        fi
    };
#ifdef D_CLEAR_AT_EXIT
    armed = 0;
#endif
#if ENC == SB
    if
    :: exit_apf == 1 ->
        t = token;
        add_waiter(t);
        if
        :: !entered -> ready(t); resolve = 1
        :: else
        fi;
        t = 0
    :: else -> resolve = 1
    fi;
#else
    if
    :: exit_apf != 0 && !resolve ->
#ifdef D_ACCEPTS_FIRST
        pending = 0;
#endif
        t = 1;
        add_waiter(t);
        t = 0;
        if
        :: !entered -> resolve = 1
#if ENC == ATF
        :: entered ->
            atomic { pending = 0 };
            if :: repeats > 0 -> repeats--; atomic { pending = 0 } :: true fi
#else
        :: entered -> answer = 1
#endif
        fi
    :: exit_apf == 0 -> resolve = 1
    :: else
    fi;
#endif
    entered = 0;
    exit_apf = 0;
    if
    :: !resolve -> issue()
    :: resolve ->
        if
        :: careless > 0 && fetch != 3 -> careless--; issue()
        :: true ->
            if
            :: fetch == 1 -> content = 1; fetch = 3     /* at once, which is no fetch */
#ifdef D_CLEAR_AT_FETCH
            :: fetch == 1 -> armed = 0; content = 1; fetch = 3
#endif
            :: fetch == 2 -> fetch == 3
            :: fetch == 3
            fi;
            publish(t)
        fi
    fi;
    resolve = 0;
    handlers--;
    goto kvm_run;

teardown: /* The guest writes 0 to MSR_KVM_ASYNC_PF_EN, and wakes its tasks itself (A14). */
    if
    :: apf_on ->
        clearing = 1;
        atomic {
            if :: apf != 0 -> EVENT(apf_dropped) :: else fi;
            apf_on = 0; wakes = 0; apf = 0; listed = 0; pending = 0; offer = 0; injected = 0; late = 0;
            was_in_flight = 0
        };
        clearing = 0;
        atomic {
            t = 0;
            do
            :: t < TASKS -> if :: task[t] != FINISHED -> task[t] = AWAKE :: else fi; t++
            :: else -> break
            od;
            t = 0; dummy = 0
        }
    :: else
    fi;
    goto access;

block: /* vcpu_block, from an APF halt or from HLT. A kick only makes it look. */
    if
    :: left == 0 ->
end_idle:
        if
        :: atomic { RUNNABLE -> halted = 0; hlt = 0; kicked = 0 }; goto loop
        fi
    :: else ->
        if
        :: atomic { RUNNABLE -> halted = 0; hlt = 0; kicked = 0 }; goto loop
        :: signals > 0 -> signals--; EVENT(eintr); goto kvm_run
        fi
    fi
}

/* The VMM's I/O thread. */
active proctype io() {
    byte t;
end_io:
    do
    :: fetch == 2 ->
        content = 1;
        atomic { fetch = 3; handlers++ };
        publish(t);
        handlers--
    od
}

#ifdef PREFETCH
active proctype prefetcher() {
    if
    :: true
    :: atomic { fetch == 0 -> fetch = 1; issue() }
    fi
}
#endif

#ifdef REARM
/* Arms first (V1), after the READYs and beside no handler (V2), then discards, which invalidates (M6). */
active proctype rearm() {
    if
    :: true
    :: atomic { fetch == 3 && handlers == 0 -> rearming = 1 };
        armed = 1;
        atomic { content = 0; mapped = 0; seq = 1 - seq; fetch = 0; EVENT(re_armed); rearming = 0 }
    fi
}
#endif
