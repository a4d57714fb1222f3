using System.Text.Json;
using UapiLab.Harness.Comparisons;
using UapiLab.Harness.Statistics;

namespace UapiLab.Harness.Reports;

/// <summary>The few shapes that the report is made of.</summary>
internal static class JsonWriting
{
    /// <summary>More digits than anybody compares, few enough to hide no rounding of intervals.</summary>
    private const int Digits = 9;

    public static void WriteArray<T>(this Utf8JsonWriter json, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            write(json, item);
        }

        json.WriteEndArray();
    }

    public static void WriteStrings(this Utf8JsonWriter json, string name, IEnumerable<string> items) =>
        json.WriteArray(name, items, (j, item) => j.WriteStringValue(item));

    public static void WriteStrings(this Utf8JsonWriter json, string name, IEnumerable<KeyValuePair<string, string>> items)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in items)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    public static void WriteValue(this Utf8JsonWriter json, string name, decimal? value)
    {
        json.WritePropertyName(name);
        json.WriteValue(value);
    }

    public static void WriteValue(this Utf8JsonWriter json, decimal? value)
    {
        if (value is { } number)
        {
            json.WriteNumberValue(Rounding.Significant(number, Digits).Normalised());
        }
        else
        {
            json.WriteNullValue();
        }
    }

    public static void WriteSummary(this Utf8JsonWriter json, string name, Summary? summary)
    {
        json.WritePropertyName(name);
        json.WriteSummary(summary);
    }

    public static void WriteSummary(this Utf8JsonWriter json, Summary? summary)
    {
        if (summary is not { } value)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.WriteValue("mean", value.Mean);
        json.WriteValue("low", value.Low);
        json.WriteValue("high", value.High);
        json.WriteEndObject();
    }
}
