#!/bin/bash
# Gives every parser so many damaged inputs (default: a million), within 1 GiB: eng/fuzz.sh [CASES]
# The pages of report, which are a thousand times slower, get a thousandth of them.
# A failure names parser and case; the same number gives the same input again.
set -euo pipefail
cd "$(dirname "$0")/.."

export UAPILAB_FUZZ_CASES=${1:-1000000} DOTNET_GCHeapHardLimit=0x40000000
dotnet build tests/Harness.Tests -v quiet
dotnet build tests/Cli.Tests -v quiet
dotnet tests/Harness.Tests/bin/Debug/net10.0/UapiLab.Harness.Tests.dll -class "*ParserFuzzTests" -noColor -reporter verbose
export UAPILAB_FUZZ_CASES=$((UAPILAB_FUZZ_CASES / 1000 + 1))
exec dotnet tests/Cli.Tests/bin/Debug/net10.0/UapiLab.Cli.Tests.dll -class "*ReportFuzzTests" -noColor -reporter verbose
