using System.Text.Json;

namespace UapiLab.Cli.Tests;

/// <summary>Trace events as an importer takes them, written without the writer's code: what is wrong with a
/// document.</summary>
internal static class PerfettoReader
{
    public static IReadOnlyList<string> Complaints(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        var complaints = new List<string>();
        var named = new HashSet<(int, int)>();
        var open = new Dictionary<(int, int), Stack<long>>();
        var slices = new List<((int, int) Track, long From, long To)>();
        var spans = new Dictionary<string, string>();
        var flows = new Dictionary<string, List<(string Phase, (int, int) Track, long At)>>();
        long last = 0;
        JsonElement events = document.RootElement.GetProperty("traceEvents");
        foreach ((int number, JsonElement e) in events.EnumerateArray().Index())
        {
            void Expect(bool holds, string what)
            {
                if (!holds)
                {
                    complaints.Add($"event {number}: {what}");
                }
            }

            string phase = e.GetProperty("ph").GetString()!;
            (int, int) track = (e.GetProperty("pid").GetInt32(), e.GetProperty("tid").GetInt32());
            if (!e.GetProperty("ts").TryGetInt64(out long at))
            {
                Expect(false, "a time that is no integer");
                continue;
            }

            if (phase == "M")
            {
                Expect(e.GetProperty("args").EnumerateObject().Any(), "metadata without a value");
                if (e.GetProperty("name").GetString() is "thread_name" or "process_name")
                {
                    named.Add(track);
                }

                continue;
            }

            Expect(at >= last, "time goes back");
            last = at;
            Expect(named.Contains(track) && named.Contains((track.Item1, 0)), "a track without a name");
            Expect(e.GetProperty("name").GetString()!.Length > 0, "no name");
            switch (phase)
            {
                case "X":
                    long end = at + e.GetProperty("dur").GetInt64();
                    Expect(end > at, "a slice of no length");
                    Stack<long> stack = open.TryGetValue(track, out Stack<long>? known) ? known : open[track] = new();
                    while (stack.TryPeek(out long ended) && ended <= at)
                    {
                        stack.Pop();
                    }

                    Expect(!stack.TryPeek(out long outer) || end <= outer, "a slice that is not within its outer one");
                    stack.Push(end);
                    slices.Add((track, at, end));
                    break;
                case "b":
                    Expect(spans.TryAdd(Key(e), e.GetProperty("name").GetString()!), "a span that is open already");
                    break;
                case "e":
                    Expect(spans.Remove(Key(e), out string? begun) && begun == e.GetProperty("name").GetString(),
                        "the end of a span that is not open");
                    break;
                case "s" or "f":
                    Expect(phase == "s" || e.GetProperty("bp").GetString() == "e", "an arrow tied to the next slice");
                    (flows.TryGetValue(Key(e), out var ends) ? ends : flows[Key(e)] = []).Add((phase, track, at));
                    break;
                case "i":
                    Expect(e.GetProperty("s").GetString() is "t" or "p" or "g", "a mark without a scope");
                    break;
                default:
                    Expect(false, "phase " + phase);
                    break;
            }
        }

        complaints.AddRange(spans.Keys.Select(key => $"span {key} has no end"));
        complaints.AddRange(flows.Where(f => !f.Value.Select(e => e.Phase).SequenceEqual(["s", "f"]))
            .Select(f => $"arrow {f.Key} is no pair"));
        complaints.AddRange(flows.Where(f => !f.Value.TrueForAll(e =>
                slices.Exists(s => s.Track == e.Track && s.From <= e.At && e.At < s.To)))
            .Select(f => $"arrow {f.Key} has an end outside every slice"));
        return complaints;
    }

    private static string Key(JsonElement e) =>
        $"{e.GetProperty("cat").GetString()} {e.GetProperty("id").GetString()}";
}
