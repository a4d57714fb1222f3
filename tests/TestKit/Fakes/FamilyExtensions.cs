using UapiLab.Abstractions;

namespace UapiLab.TestKit.Fakes;

/// <summary>Short ways to make an encoding in a test.</summary>
public static class FamilyExtensions
{
    /// <summary>With the given options and defaults for the rest.</summary>
    public static Encoding With(this IEncodingFamily family, params (string Name, string Value)[] options)
    {
        Dictionary<string, string> values =
            family.Options.ToDictionary(option => option.Name, option => option.Default);
        foreach ((string name, string value) in options)
        {
            if (!values.ContainsKey(name))
            {
                throw new ArgumentException($"{family.Id} has no option {name}", nameof(options));
            }

            values[name] = value;
        }

        return family.Create(new OptionValues(values));
    }

    /// <summary>Every combination of option values.</summary>
    public static IEnumerable<Encoding> Combinations(this IEncodingFamily family)
    {
        IEnumerable<IReadOnlyList<(string, string)>> all = [[]];
        foreach (OptionSpec option in family.Options)
        {
            all = all.SelectMany(
                chosen => option.Values.Select(
                value => (IReadOnlyList<(string, string)>)[.. chosen, (option.Name, value)]));
        }

        return all.Select(chosen => family.With([.. chosen]));
    }
}
