using System.Xml;
using System.Xml.Linq;
using UapiLab.Harness.Foundation.Text;

namespace UapiLab.Cli.Ci;

/// <summary>How one test came out.</summary>
internal enum CiVerdict
{
    Passed,
    Failed,
    /// <summary>Not decided: a bound, noise, or an interruption.</summary>
    Error,
    Skipped,
}

/// <summary>One row of a JUnit report.</summary>
/// <param name="Group">Proposal, or encoding and instance.</param>
/// <param name="Name">Claim or property.</param>
/// <param name="Verdict">How it came out.</param>
/// <param name="Message">Why, one line; empty where it passed.</param>
/// <param name="Details">More to read.</param>
/// <param name="Seconds">How long it took, where that is known.</param>
internal sealed record CiCase(string Group, string Name, CiVerdict Verdict, string Message = "", string Details = "",
    double Seconds = 0);

/// <summary>Cases as JUnit XML, a suite for each group.</summary>
internal static class JUnitReport
{
    public static string Write(string command, IReadOnlyList<CiCase> cases)
    {
        var root = new XElement("testsuites", new XAttribute("name", $"{CiFile.Mark} {command}"),
            Counts(cases),
            cases.GroupBy(c => c.Group).Select(g => new XElement("testsuite",
                new XAttribute("name", Text(g.Key)), Counts([.. g]), g.Select(Case))));
        return new XDeclaration("1.0", "utf-8", null) + "\n" + root + "\n";
    }

    private static XElement Case(CiCase one) => new("testcase", new XAttribute("classname", Text(one.Group)),
        new XAttribute("name", Text(one.Name)), Time(one.Seconds), one.Verdict switch
        {
            CiVerdict.Passed => null,
            CiVerdict.Skipped => new XElement("skipped", new XAttribute("message", Text(one.Message))),
            _ => new XElement(one.Verdict == CiVerdict.Failed ? "failure" : "error",
                new XAttribute("message", Text(one.Message)), Text(one.Details)),
        });

    private static object[] Counts(IReadOnlyList<CiCase> cases)
    {
        int Count(CiVerdict verdict) => cases.Count(c => c.Verdict == verdict);
        return
        [
            new XAttribute("tests", cases.Count), new XAttribute("failures", Count(CiVerdict.Failed)),
            new XAttribute("errors", Count(CiVerdict.Error)), new XAttribute("skipped", Count(CiVerdict.Skipped)),
            Time(cases.Sum(c => c.Seconds)),
        ];
    }

    private static XAttribute Time(double seconds) => new("time", Invariant($"{seconds:0.###}"));

    /// <summary>XML has no control characters, no halves of pairs and no U+FFFE.</summary>
    private static string Text(string raw) => string.Concat(CleanText.Page(raw).EnumerateRunes()
        .Where(r => !r.IsBmp || XmlConvert.IsXmlChar((char)r.Value)));
}
