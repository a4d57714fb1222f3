namespace UapiLab.TestKit.Broken;

/// <summary>What is wrong with an encoding whose faults reach the VMM through a ring. The default is right.</summary>
/// <param name="LooksAgain">False: the consumer arms the notification and sleeps without another look at the
/// ring.</param>
/// <param name="ConsumerFences">False: nothing keeps that look behind the arming.</param>
/// <param name="ProducerFences">False: nothing keeps KVM's look at the notification behind its publishing.</param>
/// <param name="ClearsAtomically">False: the bit of a frame is cleared by a read and a write. There is no exit here in
/// which the VMM would clear it again.</param>
/// <param name="Trusts">What of the page, which is userspace's too, KVM believes.</param>
/// <param name="Indices">How the indices run, and how the consumer compares them.</param>
internal sealed record RingFault(bool LooksAgain = true, bool ConsumerFences = true, bool ProducerFences = true,
    bool ClearsAtomically = true, RingTrust Trusts = RingTrust.Nothing, RingIndices Indices = RingIndices.TwiceTheSize);

/// <summary>How the indices of a ring run.</summary>
internal enum RingIndices
{
    /// <summary>To twice the size.</summary>
    TwiceTheSize,
    /// <summary>To 2^32.</summary>
    Freely,
    /// <summary>To 2^32, and the consumer takes the tail for the smaller one.</summary>
    FreelyInOrder,
}

/// <summary>What KVM's half believes of the words that userspace can write at any moment.</summary>
internal enum RingTrust
{
    Nothing,
    /// <summary>That the tail is an index: the entry there is read.</summary>
    TailIsAnIndex,
    /// <summary>That going on from the tail one gets to the head.</summary>
    TailMeetsHead,
    /// <summary>That the ring has room, so that an APF may be queued first; it is not withdrawn if there is
    /// none.</summary>
    RingHasRoom,
}
