namespace UapiLab.Harness.Simulation.Traces;

/// <summary>Gives pages dense numbers from 0 in the order in which they are first named.</summary>
internal sealed class GfnNumbering
{
    public const string Note = "Page numbers are dense, given in the order of first touch.";
    private readonly Dictionary<ulong, long> _numbers = [];

    public long Count => _numbers.Count;

    public bool Knows(ulong page) => _numbers.ContainsKey(page);

    public long Of(ulong page)
    {
        if (!_numbers.TryGetValue(page, out long number))
        {
            number = _numbers.Count;
            _numbers.Add(page, number);
        }

        return number;
    }
}
