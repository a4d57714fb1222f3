using UapiLab.Cli.Plugins;
using UapiLab.Cluster;
using UapiLab.Harness.Checking.Search;

namespace UapiLab.Cli.Cluster;

/// <summary>The silos that search for a command.</summary>
internal sealed class SearchCluster : IDisposable
{
    private readonly Connection _connection;

    private SearchCluster(Connection connection) => _connection = connection;

    /// <summary>Which build of this program takes part: silos must find the same states.</summary>
    public static string Code => CodeIdentity.Of(typeof(SearchCluster).Assembly);

    public SearchOptions On(SearchOptions options) => _connection.On(options);

    public void Dispose() => _connection.Dispose();

    /// <summary>Connects to the silos that are asked for.</summary>
    public static SearchCluster Of(ClusterRequest request) => new(Connection.To(
        ClusterRequest.Option, SiloPlace.ParseAll(ClusterRequest.Option, request.Silos!),
        Credentials.Read(request.Certificates.Certificate, request.Certificates.Authority), Code));
}
