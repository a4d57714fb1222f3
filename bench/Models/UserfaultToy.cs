namespace UapiLab.Bench.Models;

/// <summary>bench/spin/userfault.pml, statement by statement: three vCPUs fault on three pages, a VMM scans, clears and
/// resolves, a thread punches holes. Processes end last first, as SPIN removes them.</summary>
public sealed class UserfaultToy : ToyModel
{
    private const int Vcpus = 3, Pages = 3, Rounds = 1;
    private const int Pend = 0, Present = 1, Kick = 2, Done = 3, Waiting = 4, Pc = 7, P = 10, Vmm = 13, Punch = 14, Gone = 15;
    private const int VmmProcess = 3, PunchProcess = 4, Processes = 5;

    /// <inheritdoc/>
    public override string Name => "userfault";

    /// <inheritdoc/>
    protected override int Size => 16;

    /// <inheritdoc/>
    protected override void Expand(ReadOnlySpan<byte> s, Steps steps)
    {
        for (var v = 0; v < Vcpus; v++)
        {
            Vcpu(s, v, steps);
        }

        Scan(s, steps);
        Holes(s, steps);
    }

    /// <summary>p is kept in the low bits of its byte, r above them.</summary>
    private static void Vcpu(ReadOnlySpan<byte> s, int v, Steps steps)
    {
        int p = s[P + v] & 3, r = s[P + v] >> 2;
        switch (s[Pc + v])
        {
            case 0:
                Go(s, steps, v, r < Rounds ? 1 : 9, isLocal: true);
                break;
            case 1:
                for (var page = 0; page < Pages; page++)
                {
                    var chosen = steps.Next();
                    chosen[P + v] = (byte)(r << 2 | page);
                    chosen[Pc + v] = 2;
                    steps.Add(v, isLocal: true);
                }

                break;
            case 2:
                if (Bit(s, Present, p))
                {
                    Go(s, steps, v, 3, P + v, (byte)(r << 2)); // SPIN forgets p here: on this branch nobody reads it again
                }
                else
                {
                    Go(s, steps, v, 4);
                }

                break;
            case 3: // and merges the skip with r++
                Go(s, steps, v, 0, P + v, (byte)(r + 1 << 2), isLocal: true);
                break;
            case 4:
                Go(s, steps, v, 5, Pend, (byte)(s[Pend] | 1 << p));
                break;
            case 5:
                Go(s, steps, v, 6, Waiting + p, (byte)(s[Waiting + p] + 1));
                break;
            case 6:
                Go(s, steps, v, 7, Kick, 1);
                break;
            case 7 when Bit(s, Present, p):
                Go(s, steps, v, 10);
                break;
            case 10:
                Go(s, steps, v, 8, Waiting + p, (byte)(s[Waiting + p] - 1));
                break;
            case 8:
                Go(s, steps, v, 0, P + v, (byte)(r + 1 << 2 | p), isLocal: true);
                break;
            case 9:
                Go(s, steps, v, 11, Done, (byte)(s[Done] + 1));
                break;
            case 11 when s[Gone] == Processes - 1 - v:
                var ended = steps.Next();
                ended[Gone]++;
                ended[Pc + v] = 12;
                ended[P + v] = 0; // its variables go with it
                steps.Add(v, isLocal: true);
                break;
        }
    }

    private static void Scan(ReadOnlySpan<byte> s, Steps steps)
    {
        int pc = s[Vmm] & 15, i = s[Vmm] >> 4;
        void To(int next, int index, int at = -1, byte value = 0, bool isLocal = false)
        {
            var state = steps.Next();
            state[Vmm] = (byte)(index << 4 | next);
            if (at >= 0)
            {
                state[at] = value;
            }

            steps.Add(VmmProcess, isLocal);
        }

        switch (pc)
        {
            case 0:
                if (s[Kick] != 0)
                {
                    To(1, i);
                }

                if (s[Done] == Vcpus)
                {
                    To(8, i);
                }

                break;
            case 1:
                To(2, i, Kick);
                break;
            case 2:
                To(3, 0, isLocal: true);
                break;
            case 3:
                To(i < Pages ? 4 : 0, i, isLocal: true);
                break;
            case 4:
                To(Bit(s, Pend, i) ? 5 : 7, i);
                break;
            case 5:
                To(6, i, Pend, (byte)(s[Pend] & ~(1 << i)));
                break;
            case 6:
                To(7, i, Present, (byte)(s[Present] | 1 << i));
                break;
            case 7:
                To(3, i + 1, isLocal: true);
                break;
            case 8 when s[Gone] == Processes - 1 - VmmProcess:
                To(9, 0, Gone, (byte)(s[Gone] + 1), isLocal: true);
                break;
        }
    }

    private static void Holes(ReadOnlySpan<byte> s, Steps steps)
    {
        int pc = s[Punch] & 15, j = s[Punch] >> 4;
        void To(int next, int count, int at = -1, byte value = 0, bool isLocal = false)
        {
            var state = steps.Next();
            state[Punch] = (byte)(count << 4 | next);
            if (at >= 0)
            {
                state[at] = value;
            }

            steps.Add(PunchProcess, isLocal);
        }

        switch (pc)
        {
            case 0:
                To(j < Rounds ? 1 : 6, j, isLocal: true);
                break;
            case 1:
                for (var page = 0; page < Pages; page++)
                {
                    if (Bit(s, Present, page))
                    {
                        To(2 + page, j);
                    }
                }

                if (s[Done] == Vcpus)
                {
                    To(6, j);
                }

                break;
            case 2 or 3 or 4:
                To(5, j, Present, (byte)(s[Present] & ~(1 << (pc - 2))));
                break;
            case 5:
                To(0, j + 1, isLocal: true);
                break;
            case 6 when s[Gone] == Processes - 1 - PunchProcess:
                To(7, 0, Gone, (byte)(s[Gone] + 1), isLocal: true);
                break;
        }
    }

    private static void Go(ReadOnlySpan<byte> s, Steps steps, int v, int pc, int at = -1, byte value = 0, bool isLocal = false)
    {
        var next = steps.Next();
        if (at >= 0)
        {
            next[at] = value;
        }

        next[Pc + v] = (byte)pc;
        steps.Add(v, isLocal);
    }

    private static bool Bit(ReadOnlySpan<byte> s, int at, int bit) => (s[at] >> bit & 1) != 0;
}
