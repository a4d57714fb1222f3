using UapiLab.Live.Os;

namespace UapiLab.Live;

/// <summary>How a round is made of batches.</summary>
internal static class Timing
{
    /// <summary>What else runs on the machine only adds to a batch, and does not meet all of them.</summary>
    public const int Batches = 20;

    /// <summary>Which of the times stands for them.</summary>
    public const double Quarter = 0.25;

    private const double PatienceNs = 2e9;

    /// <summary>The lower quartile of the batches.</summary>
    /// <param name="batch">Does one, and says what an operation took.</param>
    public static double Quartile(Func<double> batch)
    {
        var times = new double[Batches];
        for (var i = 0; i < Batches; i++)
        {
            times[i] = batch();
        }

        return At(times, Quarter);
    }

    /// <summary>The same of a loop that makes so many operations.</summary>
    public static double Each(int operations, Action<int> loop) => Quartile(() =>
    {
        var begin = Clock.Ns;
        loop(operations);
        return (Clock.Ns - begin) / operations;
    });

    /// <summary>The lower quartile of operations that take long enough to be timed one by one.</summary>
    /// <param name="times">How many.</param>
    /// <param name="operation">Does one.</param>
    public static double OneByOne(int times, Action operation) => OneByOne(times, operation, () => true);

    /// <summary>The same where not every time counts.</summary>
    /// <param name="times">How many that count.</param>
    /// <param name="operation">Does one.</param>
    /// <param name="counts">Whether the one just done counts.</param>
    public static double OneByOne(int times, Action operation, Func<bool> counts)
    {
        var taken = new double[times];
        var (first, i) = (Clock.Ns, 0);
        while (i < times)
        {
            var begin = Clock.Ns;
            operation();
            taken[i] = Clock.Ns - begin;
            if (counts())
            {
                i++;
            }
            else
            {
                HoldPatience(first);
            }
        }

        return Math.Max(0, At(taken, Quarter) - ClockNs());
    }

    /// <summary>Ends a wait for another thread that takes too long.</summary>
    /// <param name="begin">When it began.</param>
    public static void HoldPatience(double begin)
    {
        if (Clock.Ns - begin > PatienceNs)
        {
            throw new ProbeFailedException("two threads do not get to run at the same time");
        }
    }

    /// <summary>The value below which such a share of the values is.</summary>
    public static double At(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted[(int)(share * (sorted.Length - 1))];
    }

    /// <summary>What reading the clock adds to a time.</summary>
    private static double ClockNs()
    {
        var taken = new double[Batches];
        for (var i = 0; i < Batches; i++)
        {
            var begin = Clock.Ns;
            taken[i] = Clock.Ns - begin;
        }

        return At(taken, Quarter);
    }
}
