using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using UapiLab.Harness.Foundation;
using UapiLab.Testing.World;
using Encoding = UapiLab.Abstractions.Encoding;

namespace UapiLab.Testing.Properties;

/// <summary>A property of generated cases, shrunk when it fails.</summary>
internal abstract class GeneratedProperty<TCase> : ConformanceProperty
    where TCase : class
{
    protected abstract Gen<TCase> Cases(Encoding encoding);

    protected abstract IEnumerable<TCase> Smaller(TCase value);

    protected abstract ContractBreach? Try(Encoding encoding, TCase value, ConformanceSettings settings);

    protected abstract string Describe(Encoding encoding, TCase value);

    public override ConformanceFailure? Check(Encoding encoding, ConformanceSettings settings)
    {
        // The last case that failed is the one that shrinking ended with.
        (TCase Case, ContractBreach Breach)? last = null;
        var property = Prop.ForAll(Arb.From(Cases(encoding), Smaller), value =>
        {
            settings.Progress?.Invoke();
            var breach = Try(encoding, value, settings);
            last = breach is null ? last : (value, breach);
            return breach is null;
        });

        var seeds = new SeedKeeper();
        FsCheck.Check.One(Config.Quick.WithMaxTest(settings.Cases)
            .WithReplay(FSharpOption<Replay>.Some(StartOf(settings))).WithRunner(seeds), property);
        return last is { } found
            ? new(Name, found.Breach.Rule, TextOf(found.Breach), Describe(encoding, found.Case), seeds.Found)
            : null;
    }

    private static Replay StartOf(ConformanceSettings settings)
    {
        if (settings.Replay is not { } text)
        {
            return new(new Rnd(settings.Seed), FSharpOption<int>.None);
        }

        var parts = text.Split(',');
        return parts.Length == 3
            && ulong.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
            && ulong.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var gamma)
            && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? new(new Rnd(seed, gamma), FSharpOption<int>.Some(size))
            : throw new InputException(text, "expected three numbers: seed,gamma,size");
    }

    /// <summary>Prints nothing, and keeps where the failing case began.</summary>
    private sealed class SeedKeeper : IRunner
    {
        public string? Found { get; private set; }

        public void OnStartFixture(Type fixture)
        {
        }

        public void OnArguments(int test, FSharpList<object> arguments, FSharpFunc<int, FSharpFunc<FSharpList<object>,
            string>> every)
        {
        }

        public void OnShrink(FSharpList<object> arguments, FSharpFunc<FSharpList<object>, string> every)
        {
        }

        public void OnFinished(string name, TestResult result)
        {
            if (result is TestResult.Failed failed)
            {
                Found = Invariant($"{failed.Item6.Seed},{failed.Item6.Gamma},{failed.Item7}");
            }
        }
    }
}
