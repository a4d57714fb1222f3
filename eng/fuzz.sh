#!/bin/bash
# Gives every parser so many damaged inputs (default: a million), within 1 GiB: eng/fuzz.sh [CASES]
# A failure names parser and case; the same number gives the same input again.
set -euo pipefail
cd "$(dirname "$0")/.."

export UAPILAB_FUZZ_CASES=${1:-1000000} DOTNET_GCHeapHardLimit=0x40000000
dotnet build tests/Harness.Tests -v quiet
cd tests/Harness.Tests/bin/Debug/net10.0
exec dotnet UapiLab.Harness.Tests.dll -class "*ParserFuzzTests" -noColor
