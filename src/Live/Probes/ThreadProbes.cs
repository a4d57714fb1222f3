using System.Runtime.CompilerServices;
using UapiLab.Harness.Machines;
using UapiLab.Live.Os;

namespace UapiLab.Live.Probes;

/// <summary>System calls, and threads that wake and interrupt each other.</summary>
internal static unsafe class ThreadProbes
{
    private const int Many = 1_000;
    private const int Trips = 400;
    private const int Naps = 10;
    private const nuint BytesToRead = 0x541b; // FIONREAD

    public static Probe SystemCalls { get; } = new("ioctl",
        "ioctl(FIONREAD) on an empty pipe: an ioctl that copies four bytes out and waits for nothing.",
        [Cost.Ioctl], [], _ =>
        {
            var ends = stackalloc int[2];
            Libc.Check(Libc.Pipe(ends, Libc.CloseOnExec), "pipe2");
            using var from = new Microsoft.Win32.SafeHandles.SafeFileHandle(ends[0], ownsHandle: true);
            using var to = new Microsoft.Win32.SafeHandles.SafeFileHandle(ends[1], ownsHandle: true);
            var descriptor = ends[0];
            var waiting = 0;
            var at = (nint)(&waiting);
            return
            [
                new(Cost.Ioctl, Timing.Each(Many, n =>
                {
                    for (var i = 0; i < n; i++)
                    {
                        Libc.Ioctl(descriptor, BytesToRead, at);
                    }
                })),
            ];
        });

    public static Probe Wake { get; } = new("thread-wake",
        "Two threads on two cores wake each other by a futex. Half a round trip, system call included, "
        + "is `threadWake`; its high end is the wake-up of a thread that has slept for a millisecond.",
        [Cost.ThreadWake], [Need.TwoCores], host =>
        {
            using var memory = new Mapping(1);
            var word = (int*)memory.At;
            var woken = (double*)(memory.At + 64);
            using var partner = new PinnedThread(host.Second, () =>
            {
                for (var turn = 0; turn < Trips + Naps; turn++)
                {
                    Futex.SleepWhile(word, turn * 2);
                    *woken = Clock.Ns;
                    Futex.Set(word, (turn * 2) + 2);
                }
            });
            var now = 0;
            void Go()
            {
                Futex.Set(word, now + 1);
                Futex.SleepWhile(word, now + 1);
                now += 2;
            }

            var trip = Timing.OneByOne(Trips, Go);
            var late = new double[Naps];
            for (var nap = 0; nap < Naps; nap++)
            {
                Clock.Nap();
                var begin = Clock.Ns;
                Go();
                late[nap] = *woken - begin;
            }

            return [new(Cost.ThreadWake, trip / 2, trip / 2, Math.Max(trip / 2, Timing.At(late, 0.5)))];
        });

    public static Probe Switch { get; } = new("switch",
        "Two threads on one core hand each other an eventfd, which blocks: half a round trip, less a "
        + "write and a read that do not block. A guest's switch takes no exit and does the same; caches "
        + "are warm here, so the high end stays.",
        [Cost.GuestSwitch], [], host =>
        {
            using var there = Descriptors.Owned(Libc.Eventfd(0, Libc.CloseOnExec), "eventfd");
            using var back = Descriptors.Owned(Libc.Eventfd(0, Libc.CloseOnExec), "eventfd");
            var (to, from) = (there.Number(), back.Number());
            var alone = Timing.OneByOne(Trips, () =>
            {
                Signal(to);
                Wait(to);
            });
            using var partner = new PinnedThread(host.First, () =>
            {
                for (var i = 0; i < Trips; i++)
                {
                    Wait(to);
                    Signal(from);
                }
            });
            var trip = Timing.OneByOne(Trips, () =>
            {
                Signal(to);
                Wait(from);
            });
            return [Reading.AtLeast(Cost.GuestSwitch, (trip / 2) - alone)];
        });

    public static Probe Kick { get; } = new("kick",
        "membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) while a thread of the process runs on another "
        + "core: an interrupt of that core, and its answer. A kick does not wait for the answer, so half "
        + "of it is the low end.",
        [Cost.Kick], [Need.TwoCores, Need.Membarrier], host =>
        {
            using var partner = new BusyThread(host.Second);
            var whole = Timing.OneByOne(Trips, Membarrier.Interrupt, partner.Ran);
            return [new(Cost.Kick, whole, whole / 2, whole)];
        });

    public static Probe Book { get; } = new("book",
        "Adding, finding and removing among 1,000 entries of a hash table under a lock that nobody else "
        + "wants, in .NET: a third of the three.",
        [Cost.BookOperation], [], _ =>
        {
            var gate = new Lock();
            var book = Enumerable.Range(0, Many).ToDictionary(i => (ulong)i * 4_096, i => i);
            return [new(Cost.BookOperation, Timing.Each(Many, n => KeepBook(gate, book, n)) / 3)];
        });

    public static Probe HaltPoll { get; } = new("halt-poll",
        "Read from `/sys/module/kvm/parameters/halt_poll_ns`.",
        [Cost.HaltPoll], [Need.KvmParameters], _ =>
        [
            new(Cost.HaltPoll, double.Parse(SystemFile.Line(Need.HaltPollFile)!,
                System.Globalization.CultureInfo.InvariantCulture)),
        ]);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void KeepBook(Lock gate, Dictionary<ulong, int> book, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var key = ((ulong)i * 4_096) + 1;
            lock (gate)
            {
                book.Add(key, i);
            }

            lock (gate)
            {
                book.TryGetValue(key, out _);
            }

            lock (gate)
            {
                book.Remove(key);
            }
        }
    }

    private static void Signal(int eventfd)
    {
        ulong one = 1;
        while (Libc.Write(eventfd, &one, sizeof(ulong)) < 0)
        {
        }
    }

    private static void Wait(int eventfd)
    {
        ulong count;
        while (Libc.Read(eventfd, &count, sizeof(ulong)) < 0)
        {
        }
    }
}
