using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace UapiLab.Cluster;

/// <summary>What silos and searches have in common.</summary>
internal static class Transport
{
    private const string Name = "uapilab";

    /// <summary>A loss is noticed otherwise (<see cref="Connection"/>), so a call may take its time.</summary>
    private static readonly TimeSpan s_longestCall = TimeSpan.FromMinutes(30);

    /// <summary>At the list of silos: a search may begin as soon as its last silo is up.</summary>
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromSeconds(2);

    /// <summary>A host that reads no configuration from anywhere and logs nothing.</summary>
    public static HostApplicationBuilder Builder()
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.Configure<ClusterOptions>(options => options.ClusterId = options.ServiceId = Name);
        builder.Services.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = s_longestCall);
        builder.Services.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = s_longestCall);
        builder.Services.Configure<ClusterMembershipOptions>(options => options.TableRefreshTimeout = s_betweenLooks);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        return builder;
    }

    /// <summary>Signals are the program's.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
