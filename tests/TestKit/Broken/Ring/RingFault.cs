namespace UapiLab.TestKit.Broken;

/// <summary>What is wrong with an encoding whose faults reach the VMM through a ring. The default is right.</summary>
/// <param name="LooksAgain">False: the consumer arms the notification and sleeps without another look at the ring.</param>
/// <param name="ConsumerFences">False: nothing keeps that look behind the arming.</param>
/// <param name="ProducerFences">False: nothing keeps KVM's look at the notification behind its publishing.</param>
/// <param name="ClearsAtomically">False: the bit of a frame is cleared by a read and a write. There is no exit here in which
/// the VMM would clear it again.</param>
internal sealed record RingFault(bool LooksAgain = true, bool ConsumerFences = true, bool ProducerFences = true, bool ClearsAtomically = true);
