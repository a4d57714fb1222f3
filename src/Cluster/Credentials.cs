using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Orleans.Connections.Security;
using UapiLab.Harness.Foundation;
using UapiLab.Harness.Foundation.Files;

namespace UapiLab.Cluster;

/// <summary>
/// Mutual TLS: each side has a certificate of one authority, and that is all it takes to belong to the cluster. Names
/// of hosts say nothing, so the authority should be one that was made for the cluster.
/// </summary>
internal sealed class Credentials
{
    private const int MostBytes = 1 << 20;
    private readonly X509Certificate2 _own;
    private readonly X509Certificate2 _authority;

    private Credentials(X509Certificate2 own, X509Certificate2 authority) => (_own, _authority) = (own, authority);

    /// <summary>Reads them.</summary>
    /// <param name="certificate">PEM: a certificate and its key.</param>
    /// <param name="authority">PEM: the certificate that all certificates of the cluster are signed by.</param>
    /// <returns>Null if neither is named.</returns>
    /// <exception cref="InputException">Only one is, or a file is something else.</exception>
    public static Credentials? Read(string? certificate, string? authority) => (certificate, authority) switch
    {
        (null, null) => null,
        ({ } own, { } other) => new(
            Pem(own, "PEM with a certificate and its key", text =>
            {
                // Not every platform's TLS takes a key that is only in memory, as PEM leaves it.
                using var read = X509Certificate2.CreateFromPem(text, text);
                return X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), null);
            }),
            Pem(other, "PEM with the certificate of an authority", text => X509Certificate2.CreateFromPem(text))),
        (null, _) => throw new InputException("--authority", "expected --certificate beside it"),
        _ => throw new InputException("--certificate", "expected --authority beside it"),
    };

    internal void Configure(TlsOptions options)
    {
        options.LocalCertificate = _own;
        options.LocalServerCertificateSelector = (_, _) => _own;
        options.LocalClientCertificateSelector = (_, _, _, _, _) => _own;
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateValidation = (certificate, _, _) => IsOfAuthority(certificate);
        options.OnAuthenticateAsClient = (_, client) =>
        {
            client.TargetHost = "uapilab";
            client.ClientCertificates = [_own];
        };
        options.OnAuthenticateAsServer = (_, server) => server.ClientCertificateRequired = true;
    }

    private bool IsOfAuthority(X509Certificate2? certificate)
    {
        if (certificate is null)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    private static X509Certificate2 Pem(string path, string expected, Func<string, X509Certificate2> read)
    {
        var text = Encoding.UTF8.GetString(InputFile.Read(path, expected, CancellationToken.None, MostBytes));
        try
        {
            return read(text);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new InputException(path, $"expected {expected}: {e.Message}");
        }
    }
}
