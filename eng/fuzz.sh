#!/bin/bash
# Gives every parser so many damaged inputs (default: a million), within 1 GiB, and says what each took:
#   eng/fuzz.sh [CASES [PARSER,…]]
# Built for speed. The pages of report, which are a thousand times slower, get a thousandth of the cases.
# A failure names parser and case; the same number gives the same input again.
set -euo pipefail
cd "$(dirname "$0")/.."

export UAPILAB_FUZZ_CASES=${1:-1000000} UAPILAB_FUZZ_PARSERS=${2:-} DOTNET_GCHeapHardLimit=0x40000000
fuzz() {
  dotnet build "tests/$1.Tests" -c Release -v quiet
  dotnet "tests/$1.Tests/bin/Release/net10.0/UapiLab.$1.Tests.dll" -class "*$2" -noColor -reporter verbose
}
fuzz Harness ParserFuzzTests
if [ -z "$UAPILAB_FUZZ_PARSERS" ]; then
  UAPILAB_FUZZ_CASES=$((UAPILAB_FUZZ_CASES / 1000 + 1))
  fuzz Cli ReportFuzzTests
fi
