namespace UapiLab.TestKit.Broken;

/// <summary>What is wrong with an encoding that asks at the exit and injects at re-entry. The default is
/// right.</summary>
/// <param name="LooksAgain">False: the bit is not read again between set-up and injection.</param>
/// <param name="OffersExpire">False: an offer outlives a memslot update.</param>
/// <param name="DeclaredErrno">False: a READY that finds no APF gets -EAGAIN, which the description does not
/// mention.</param>
internal sealed record AtReentryFault(bool LooksAgain = true, bool OffersExpire = true, bool DeclaredErrno = true);
