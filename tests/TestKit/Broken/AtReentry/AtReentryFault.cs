namespace UapiLab.TestKit.Broken;

/// <summary>What is wrong with an encoding that asks at the exit and injects at re-entry. The default is
/// right.</summary>
/// <param name="VoidsOffers">False: a READY that finds no APF leaves the offer open.</param>
/// <param name="LooksAgain">Where offers stay open: whether the bit is read again between set-up and injection, and an
/// offer ends with a memslot update. That is proposal 0003 as it was first written.</param>
/// <param name="DeclaredErrno">False: a READY that finds no APF gets -EAGAIN, which the description does not
/// mention.</param>
/// <param name="EndsOffers">False: an offer outlives the queue, and with it a reset of the vCPU.</param>
internal sealed record AtReentryFault(bool VoidsOffers = true, bool LooksAgain = false, bool DeclaredErrno = true,
    bool EndsOffers = true);
