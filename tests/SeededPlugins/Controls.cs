using UapiLab.TestKit.Broken;

namespace UapiLab.SeededPlugins;

// What the broken ones vary: right, so the kit must find nothing.

public sealed class Control() : SeededFamily(BrokenEncodings.Control);

public sealed class TrustingControl() : SeededFamily(BrokenEncodings.TrustingControl);

public sealed class AtFaultControl() : SeededFamily(BrokenEncodings.AtFaultControl);

public sealed class AtReentryControl() : SeededFamily(BrokenEncodings.AtReentryControl);

public sealed class PlanesControl() : SeededFamily(BrokenEncodings.PlanesControl);

public sealed class RingControl() : SeededFamily(BrokenEncodings.RingControl);
