namespace UapiLab.Bench.Models;

/// <summary>bench/spin/lost-wakeup.pml: the VMM clears the kick flag after scanning, so a vCPU can sleep for ever.</summary>
public sealed class LostWakeupToy : ToyModel
{
    private const int Pend = 0, Present = 2, Kick = 4, Done = 5, Pc = 6, VmmPc = 8, I = 9;
    private const byte Ended = 6, VmmEnded = 9;

    /// <inheritdoc/>
    public override string Name => "lost-wakeup";

    /// <inheritdoc/>
    protected override int Size => 16;

    /// <inheritdoc/>
    protected override void Expand(ReadOnlySpan<byte> s, Steps steps)
    {
        var moved = false;
        for (var p = 0; p < 2; p++)
        {
            (int At, int Value, int Pc)? step = s[Pc + p] switch
            {
                0 => s[Present + p] != 0 ? (Pc + p, 5, 5) : (Pc + p, 1, 1),
                1 => (Pend + p, 1, 2),
                2 => (Kick, 1, 3),
                3 when s[Present + p] != 0 => (Pc + p, 5, 5),
                5 => (Done, s[Done] + 1, Ended),
                _ => ((int, int, int)?)null,
            };
            if (step is { } t)
            {
                var next = steps.Next();
                next[t.At] = (byte)t.Value;
                next[Pc + p] = (byte)t.Pc;
                steps.Add(p);
                moved = true;
            }
        }

        var i = s[I];
        if (s[VmmPc] == 0)
        {
            if (s[Kick] != 0)
            {
                Vmm(VmmPc, 1, 1);
            }

            if (s[Done] == 2)
            {
                Vmm(VmmPc, VmmEnded, VmmEnded);
            }
        }
        else
        {
            switch (s[VmmPc])
            {
                case 1: Vmm(I, 0, 2); break;
                case 2: Vmm(VmmPc, 0, i < 2 ? (byte)3 : (byte)7); break;
                case 3: Vmm(VmmPc, 0, s[Pend + i] != 0 ? (byte)4 : (byte)6); break;
                case 4: Vmm(Pend + i, 0, 5); break;
                case 5: Vmm(Present + i, 1, 6); break;
                case 6: Vmm(I, (byte)(i + 1), 2); break;
                case 7: Vmm(Kick, 0, 0); break;
            }
        }

        if (!moved && (s[Pc] != Ended || s[Pc + 1] != Ended || s[VmmPc] != VmmEnded))
        {
            steps.Broken();
        }

        void Vmm(int at, byte value, byte pc)
        {
            var next = steps.Next();
            next[at] = value;
            next[VmmPc] = pc;
            steps.Add(2);
            moved = true;
        }
    }
}
