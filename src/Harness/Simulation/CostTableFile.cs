namespace UapiLab.Harness.Simulation;

/// <summary>Cost tables as JSON files (docs/costs.md).</summary>
public static class CostTableFile
{
    /// <summary>Reads a table; kinds that the file leaves out keep their built-in values.</summary>
    /// <exception cref="InputException">The file cannot be read, or holds something unexpected.</exception>
    public static CostTable Read(string path) => throw new NotImplementedException(path);
}
