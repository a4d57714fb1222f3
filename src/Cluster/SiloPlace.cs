using System.Globalization;
using System.Net;
using System.Net.Sockets;
using UapiLab.Harness.Foundation;

namespace UapiLab.Cluster;

/// <summary>Where a silo listens: to searches on a port, and to other silos on the next one.</summary>
/// <param name="Text">As typed.</param>
/// <param name="Searches">The first port.</param>
internal sealed record SiloPlace(string Text, IPEndPoint Searches)
{
    /// <summary>The second port.</summary>
    public IPEndPoint Silos => new(Searches.Address, Searches.Port + 1);

    /// <summary>Whether only this machine gets there.</summary>
    public bool IsLoopback => IPAddress.IsLoopback(Searches.Address);

    /// <summary>Reads HOST:PORT.</summary>
    /// <param name="where">The option that it was given for.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="InputException">It is not that, or nobody knows the host.</exception>
    public static SiloPlace Parse(string where, string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon < 1 || !int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture,
            out var port) || port is < 1 or >= IPEndPoint.MaxPort)
        {
            throw new InputException($"{where} {text}",
                $"expected HOST:PORT, with a port from 1 to {IPEndPoint.MaxPort - 1}: the next one is used too");
        }

        var host = text[..colon];
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address))
        {
            return new(text, new(address, port));
        }

        try
        {
            var all = Dns.GetHostAddresses(host);
            var found = all.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? all.First();
            return new(text, new(found, port));
        }
        catch (Exception e) when (e is SocketException or ArgumentException or InvalidOperationException)
        {
            throw new InputException($"{where} {text}", $"expected a host with an address: {e.Message}");
        }
    }

    /// <summary>Reads several, separated by commas.</summary>
    /// <param name="where">The option that they were given for.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="InputException">One is wrong, or there twice.</exception>
    public static IReadOnlyList<SiloPlace> ParseAll(string where, string text)
    {
        SiloPlace[] places = [.. text.Split(',').Select(one => Parse(where, one.Trim()))];
        return places.GroupBy(p => p.Searches).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? throw new InputException($"{where} {twice.First().Text}", "expected each silo once")
            : places;
    }
}
