using UapiLab.TestKit.Broken;

namespace UapiLab.SeededPlugins;

// What a plugin offers are public classes with a constructor without parameters: one for each seeded defect of an
// encoding.

public sealed class NeverReady() : SeededFamily(BrokenEncodings.NeverReady);

public sealed class EarlyClear() : SeededFamily(BrokenEncodings.EarlyClear);

public sealed class ClearAtFetch() : SeededFamily(BrokenEncodings.ClearAtFetch);

public sealed class NeverClears() : SeededFamily(BrokenEncodings.NeverClears);

public sealed class RelaxedClear() : SeededFamily(BrokenEncodings.RelaxedClear);

public sealed class ClearInTwo() : SeededFamily(BrokenEncodings.ClearInTwo);

public sealed class DoubleReady() : SeededFamily(BrokenEncodings.DoubleReady);

public sealed class IgnoresInterruptFlag() : SeededFamily(BrokenEncodings.IgnoresInterruptFlag);

public sealed class NoAutoCompletion() : SeededFamily(BrokenEncodings.NoAutoCompletion);

public sealed class AcceptsFirst() : SeededFamily(BrokenEncodings.AcceptsFirst);

public sealed class WrongFrame() : SeededFamily(BrokenEncodings.WrongFrame);

public sealed class NoSecondLook() : SeededFamily(BrokenEncodings.NoSecondLook);

public sealed class StaleOffer() : SeededFamily(BrokenEncodings.StaleOffer);

public sealed class UndeclaredErrno() : SeededFamily(BrokenEncodings.UndeclaredErrno);

public sealed class ReadsLowerFirst() : SeededFamily(BrokenEncodings.ReadsLowerFirst);

public sealed class ClearsBeforeSet() : SeededFamily(BrokenEncodings.ClearsBeforeSet);

public sealed class NoRecheck() : SeededFamily(BrokenEncodings.NoRecheck);

public sealed class NoConsumerFence() : SeededFamily(BrokenEncodings.NoConsumerFence);

public sealed class NoProducerFence() : SeededFamily(BrokenEncodings.NoProducerFence);

public sealed class RingClearInTwo() : SeededFamily(BrokenEncodings.RingClearInTwo);

public sealed class Smuggler() : SeededFamily(BrokenEncodings.Smuggler);

public sealed class Peeker() : SeededFamily(BrokenEncodings.Peeker);

public sealed class Asker() : SeededFamily(BrokenEncodings.Asker);
