using Orleans;
using Orleans.Concurrency;

namespace UapiLab.Cluster;

/// <summary>One silo's part in a search. Its key is the silo's place; it is activated there and nowhere else. Every
/// call but the first names the run: a silo that was lost knows of none.</summary>
[Alias("uapilab.silo")]
internal interface ISearchSilo : IGrainWithStringKey
{
    /// <summary>Who this is.</summary>
    Task<SiloIntroduction> Introduce();

    /// <summary>A run begins. One that went on is over.</summary>
    /// <param name="run">Its name.</param>
    /// <param name="spec">What is searched.</param>
    /// <param name="silos">The places of all silos.</param>
    /// <param name="self">Which of them this is.</param>
    /// <param name="fullBudget">All that the environment may do.</param>
    Task Begin(string run, SearchSpec spec, string[] silos, int self, byte fullBudget);

    /// <summary>Is there still.</summary>
    Task Ping(string run);

    /// <summary>Finds the initial states.</summary>
    Task<Piece> Initial(string run);

    /// <summary>Expands some states of the silo's slice, in their order.</summary>
    Task<Piece> Expand(string run, Slice slice, long from, int count);

    /// <summary>Once every slice is expanded: which of the states found are new.</summary>
    Task<Settled> Settle(string run);

    /// <summary>What is needed to recognise some of the states that were new, <see cref="Keys"/>.</summary>
    Task<byte[]> Born(string run, long first, int count);

    /// <summary>Who found a state: its parent, and the action.</summary>
    Task<(long Parent, int Action)> FoundBy(string run, long path);

    /// <summary>The run is over.</summary>
    Task<Farewell> End(string run);

    /// <summary>From another silo: candidates that this one owns.</summary>
    /// <returns>A bit for each: whether it may be new.</returns>
    Task<byte[]> Ask(string run, int source, [Immutable] byte[] keys);

    /// <summary>From another silo, when all is expanded: of those that might be new, whether they are.</summary>
    Task<byte[]> Entered(string run, int source);

    /// <summary>From another silo: states that were found here and that it expands.</summary>
    /// <returns>As many as fit into a message.</returns>
    Task<byte[]> Give(string run, long first, long count);
}
