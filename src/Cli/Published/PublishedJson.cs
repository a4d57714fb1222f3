using UapiLab.Harness.Foundation.Determinism;
using UapiLab.Harness.Foundation.Text;
using UapiLab.Harness.Lab.Published;

namespace UapiLab.Cli.Published;

/// <summary>The comparison with published figures as JSON (docs/published.md).</summary>
internal static class PublishedJson
{
    public static string Write(IReadOnlyList<PublishedResult> results, IReadOnlyList<PublishedResult> withDefaults) =>
        JsonText.Write(new
        {
            schemaVersion = 1,
            sentences = PublishedText.Sentences(results, withDefaults),
            missed = PublishedText.Missed(results),
            factor = PublishedOutcome.WantedPermille / 1_000m,
            series = results.Select(r => new
            {
                r.Series.Table,
                r.Series.Name,
                encoding = r.Series.Encoding?.Description.FullName,
                perVcpu = r.Series.IsPerVcpu,
                fitted = r.Fitted.Select(f => new { cost = f.Name, value = PublishedText.Value(f), f.Fit.Vcpus }),
                rows = r.Outcomes.Select(o => new
                {
                    o.Row.Vcpus,
                    published = o.Row.PagesPerSecond,
                    o.Simulated,
                    fitted = o.Row.IsFitted,
                    within = o.IsWithin,
                }),
            }),
        });
}
