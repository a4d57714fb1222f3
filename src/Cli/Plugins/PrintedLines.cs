using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Cli.Plugins;

/// <summary>What a worker writes to its standard output and standard error, by lines: so many, so long, and without
/// what a terminal would obey.</summary>
internal sealed class PrintedLines(WorkerExitReport last, Action<string> take)
{
    private const int Most = 100;
    private const int Longest = 500;

    private readonly Lock _gate = new();
    private int _count;

    /// <summary>Reads to the end, and no less when enough was taken: whoever prints is not to wait for it.</summary>
    public void Read(StreamReader from, bool mayTellOfCrash)
    {
        var buffer = new char[4_096];
        var line = new List<char>(Longest);
        try
        {
            for (int count; (count = from.Read(buffer)) > 0;)
            {
                foreach (var c in buffer.AsSpan(0, count))
                {
                    if (c == '\n')
                    {
                        Take(line, mayTellOfCrash);
                    }
                    else if (line.Count < Longest)
                    {
                        line.Add(c);
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It was closed on this side.
        }

        if (line.Count > 0)
        {
            Take(line, mayTellOfCrash);
        }
    }

    private void Take(List<char> content, bool mayTellOfCrash)
    {
        var line = string.Concat(content).TrimEnd('\r');
        content.Clear();
        lock (_gate)
        {
            if ((mayTellOfCrash && last.Takes(line)) || ++_count > Most + 1)
            {
                return;
            }

            take(_count > Most ? "and more" : CleanText.Printable(line));
        }
    }
}
