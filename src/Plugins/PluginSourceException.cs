namespace UapiLab.Plugins;

/// <summary>A source file does not compile. The message has several lines: place, source line and caret for each
/// error.</summary>
internal sealed class PluginSourceException(string message) : Exception(message.TrimEnd());
