using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using System.Numerics;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;
using UapiLab.Harness.Foundation.Specs;

namespace UapiLab.Cli.Commands;

/// <summary>
/// The arguments of a command. A request states each of them once, where it initialises the property that holds it. The
/// request is made twice: while the command is built, to declare its arguments, and for a command line, to read them.
/// Declaring returns values that mean nothing.
/// </summary>
/// <param name="command">The command.</param>
/// <param name="result">A command line of it; null: the arguments are declared.</param>
internal sealed class Arguments(Command command, ParseResult? result = null)
{
    /// <summary>Any number of words. One that begins with a dash is an option that does not exist.</summary>
    public string[] Words(string name, string description, IEnumerable<string>? completions = null,
        Action<string>? check = null)
    {
        var argument = new Argument<string[]>(name)
        {
            HelpName = name,
            Description = description,
            Arity = ArgumentArity.ZeroOrMore,
        };
        if (completions is not null)
        {
            argument.CompletionSources.Add(Items(completions));
        }

        if (result is null)
        {
            command.Add(argument);
            return [];
        }

        var words = result.GetValue<string[]>(name) ?? [];
        foreach (var word in words)
        {
            if (word.StartsWith('-'))
            {
                var known = string.Join(", ", command.Options.Where(o => !o.Hidden).Select(o => o.Name));
                throw new InputException(word, $"unknown option, expected one of {known}");
            }

            check?.Invoke(word);
        }

        return words;
    }

    /// <summary>One word that must be there.</summary>
    public string Word(string name, string description, params string[] among)
    {
        var argument = new Argument<string>(name)
        {
            HelpName = among.Length == 0 ? name
            : null,
            Description = description
        };
        if (among.Length > 0)
        {
            argument.CompletionSources.Add(Items(among));
        }

        if (result is null)
        {
            command.Add(argument);
            return "";
        }

        var word = result.GetValue<string>(name)!;
        return among.Length == 0 || among.Contains(word) ? word
            : throw Unknown.Word(word, name.ToLowerInvariant(), word, among);
    }

    /// <summary>What was given for an option that another request declares.</summary>
    public IReadOnlyList<string> Given(string option) => result?.GetValue<string[]>(option) ?? [];

    public bool Flag(string name, string description, params string[] aliases) =>
        Read(new Option<bool>(name, aliases) { Description = description });

    public string Text(string name, string help, string description, string absent) =>
        Read(new Option<string>(name)
        {
            HelpName = help,
            Description = description,
            DefaultValueFactory = _ => absent
        })!;

    /// <summary>A text, null if it is not given.</summary>
    public string? Text(string name, string help, string description, IEnumerable<string>? completions = null) =>
        Read(new Option<string?>(name) { HelpName = help, Description = description }, completions);

    /// <summary>A file to write, null if none is asked for. What else the command line names stays what it
    /// is.</summary>
    /// <exception cref="InputException">The command line names the file twice.</exception>
    public string? Output(string name, string help, string description) =>
        Unshared(name, Text(name, help, description));

    /// <summary>The same, with a file where none is asked for.</summary>
    public string Output(string name, string help, string description, string absent) =>
        Unshared(name, Text(name, help, description, absent))!;

    /// <summary>A text that means something.</summary>
    public T? Parsed<T>(
        string name, string help, string description, Func<string, T> parse, string? absent = null,
            params string[] completions)
    {
        var option = new Option<string?>(name) { HelpName = help, Description = description };
        if (absent is not null)
        {
            option.DefaultValueFactory = _ => absent;
        }

        return Read(option, completions) is { } text ? parse(text) : default;
    }

    /// <summary>What may be given several times.</summary>
    /// <param name="isClosed">Whether it is one of the completions or wrong.</param>
    public string[] Repeated(
        string name, string help, string description, IEnumerable<string>? completions = null, bool isClosed = false)
    {
        var given = Read(
            new Option<string[]>(name)
            {
                HelpName = help,
                Description = description,
                AllowMultipleArgumentsPerToken = false
            },
            completions) ?? [];
        return isClosed && given.FirstOrDefault(g => !completions!.Contains(g)) is { } other
            ? throw new InputException($"{name} {other}", "expected one of " + string.Join(", ", completions!))
            : given;
    }

    /// <summary>What may be given several times, and is for the program itself: help does not tell of it.</summary>
    public string[] Hidden(string name, string help, string description) =>
        Read(new Option<string[]>(name)
        {
            HelpName = help,
            Description = description,
            AllowMultipleArgumentsPerToken = false,
            Hidden = true,
        }) ?? [];

    /// <summary>A number between two bounds; without them any.</summary>
    public T Number<T>(string name, string help, string description, T absent, T? low = null, T? high = null)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        var value =
            Read(new Option<T>(name) { HelpName = help, Description = description, DefaultValueFactory = _ => absent });
        return result is null ? absent : Within(name, value, low ?? T.MinValue, high ?? T.MaxValue);
    }

    /// <summary>The same, null if it is not given.</summary>
    public T? OptionalNumber<T>(string name, string help, string description, T? low = null, T? high = null)
        where T : struct, INumber<T>, IMinMaxValue<T> =>
        Read(new Option<T?>(name) { HelpName = help, Description = description }) is { } given
            ? Within(name, given, low ?? T.MinValue, high ?? T.MaxValue)
            : null;

    /// <summary>At most one of several options, and its value.</summary>
    /// <param name="choices">The first stands for none.</param>
    public (T Choice, string? Value) OneOf<T>(params IReadOnlyList<T> choices)
        where T : Choice
    {
        List<(T Choice, string? Value)> given = [];
        foreach (var choice in choices)
        {
            var value = choice.Value is { } help ? Text(choice.Name, help, choice.Description) : null;
            if (choice.Value is null ? Flag(choice.Name, choice.Description) : value is not null)
            {
                given.Add((choice, value));
            }
        }

        return given switch
        {
            [] => (choices[0], null),
            [var one] => one,
            [var one, var other, ..] => throw new InputException($"{one.Choice.Name} {other.Choice.Name}",
                "expected one of them"),
        };
    }

    /// <summary>Refuses an option beside one that leaves nothing for it to do.</summary>
    public void Excludes(string option, string why, params IEnumerable<string> others)
    {
        if (IsGiven(option) && command.Options.FirstOrDefault(o => others.Contains(o.Name) && IsGiven(o.Name))
            is { } other)
        {
            throw new InputException($"{option} {other.Name}", why);
        }
    }

    /// <summary>Refuses options that say something about another one, without it.</summary>
    public void Needs(string option, params IEnumerable<string> others)
    {
        if (!IsGiven(option) && others.FirstOrDefault(IsGiven) is { } other)
        {
            throw new InputException(other, $"expected {option} with it");
        }
    }

    private bool IsGiven(string option) => result is not null
        && command.Options.Any(o => o.Name == option && result.GetResult(o) is { Implicit: false });

    /// <summary>Threads; 0 = one per core.</summary>
    public int Threads() => Number("--threads", "N", "Threads; 0 = one per core. Changes no result.", 0, 0, 1_024);

    public bool Quiet() => Flag("--quiet", "Print nothing but errors.", "-q");

    public static T Within<T>(string name, T value, T low, T high)
        where T : INumber<T> => value >= low && value <= high
        ? value
        : throw new InputException(
            Invariant($"{name} {value}"),
            Invariant($"expected a number from {low} to {high}"));

    /// <summary>Refuses a file to write that is there and that another word names too, under whatever name.</summary>
    private string? Unshared(string name, string? path)
    {
        if (path is { Length: > 0 } && result is not null
            && result.Tokens.FirstOrDefault(t => t.Type == TokenType.Argument && !OwnTokens(name).Contains(t)
                && OutputFile.IsSame(t.Value, path)) is { } other)
        {
            throw new InputException($"{name} {path}", $"expected another file than {other.Value}, which the command "
                + "line names too");
        }

        return path;
    }

    private IReadOnlyList<Token> OwnTokens(string option) =>
        command.Options.FirstOrDefault(o => o.Name == option) is { } own ? result!.GetResult(own)?.Tokens ?? [] : [];

    private T? Read<T>(Option<T> option, IEnumerable<string>? completions = null)
    {
        if (completions is not null)
        {
            option.CompletionSources.Add(Items(completions));
        }

        if (result is null)
        {
            command.Add(option);
            return default;
        }

        return result.GetValue<T>(option.Name);
    }

    private static Func<CompletionContext, IEnumerable<CompletionItem>> Items(IEnumerable<string> words) =>
        _ => words.Select(word => new CompletionItem(word));
}

/// <summary>One of several options of which one is given at most.</summary>
/// <param name="Name">With its dashes.</param>
/// <param name="Description">For help.</param>
/// <param name="Value">What its value is called; null: it has none.</param>
internal abstract record Choice(string Name, string Description, string? Value = null);
