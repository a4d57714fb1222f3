using System.Runtime.InteropServices;
using UapiLab.Harness.Machines;
using Xunit;

namespace UapiLab.Harness.Tests.Checking;

/// <summary>A state is compared byte for byte, so no byte of it may be padding: what a copy leaves there is anybody's guess.</summary>
public sealed class StateLayoutTests
{
    [Theory]
    [InlineData(typeof(VmState))]
    [InlineData(typeof(VcpuState))]
    [InlineData(typeof(TaskState))]
    [InlineData(typeof(ActorState))]
    [InlineData(typeof(ApfItem))]
    [InlineData(typeof(FetchState))]
    [InlineData(typeof(WaiterState))]
    public void Has_no_padding(Type type)
    {
        var fields = type.GetFields().Sum(f => SizeOf(f.FieldType));
        Assert.Equal(fields, SizeOf(type));
    }

    private static int SizeOf(Type type) =>
        (int)typeof(System.Runtime.CompilerServices.Unsafe).GetMethod("SizeOf")!.MakeGenericMethod(type).Invoke(null, null)!;
}
