using UapiLab.Abstractions;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Machines.Execution;
using UapiLab.Testing.World;

namespace UapiLab.Testing.Properties;

/// <summary>Something that holds of every encoding. One file each beside this one's namesake.</summary>
internal abstract class ConformanceProperty
{
    /// <summary>As in tables and in lists of expected failures.</summary>
    public abstract string Name { get; }

    /// <summary>What holds when it holds.</summary>
    public abstract string Doc { get; }

    /// <summary>Whether it takes little enough to be tried before anything else, whoever asks.</summary>
    public virtual bool IsQuick => false;

    /// <summary>Tries it.</summary>
    /// <returns>Null if it holds.</returns>
    public abstract ConformanceFailure? Check(Encoding encoding, ConformanceSettings settings);

    /// <summary>What a run broke; null if nothing.</summary>
    protected static ContractBreach? BreachOf(Action run)
    {
        try
        {
            run();
            return null;
        }
        catch (ContractBreach breach)
        {
            return breach;
        }
        catch (EncodingDefectException defect)
        {
            return new(Breaches.OutOfBounds, defect.Message);
        }
        catch (InputException rejected)
        {
            return new("load", rejected.Message);
        }
        catch (Exception e) when (e is ArithmeticException or IndexOutOfRangeException or ArgumentException
            or InvalidOperationException or NullReferenceException)
        {
            return new(Breaches.Throws, $"{e.GetType().Name}: {e.Message}");
        }
    }

    /// <summary>A failure without a generated case.</summary>
    protected ConformanceFailure? Failure(ContractBreach? breach, string inCase = "") =>
        breach is null ? null : new(Name, breach.Rule, TextOf(breach), inCase, null);

    protected static string TextOf(ContractBreach breach) => breach.Message[(breach.Rule.Length + 2)..];
}
