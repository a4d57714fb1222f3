namespace UapiLab.Plugins.C;

/// <summary>What a half in C did that it may not do.</summary>
/// <param name="what">What.</param>
/// <param name="place">"my-idea.c:31".</param>
internal sealed class HalfInCException(string what, string place) : Exception(what)
{
    /// <summary>Where.</summary>
    public string Place => place;
}
