#!/bin/bash
# Measures this host and puts the simulator to the test on it: with one thread that faults, the median touch of live userfaultfd may
# take 1.5 times of what is predicted at the prices that calibrate has just measured, or 1/1.5. More threads, and elapsed time, which
# takes in whatever else the machine does, are shown. Not a test: prints what it found, and exits 1 if it does not hold.
#   eng/hold-live.sh [COMMAND…]     the command line, "dotnet run --project src/Cli -c Release --" if none is given
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -gt 0 ] || set -- dotnet run --project src/Cli -c Release --
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$@" calibrate --out "$work/host.json"
"$@" live userfaultfd --costs "$work/host.json" | tee "$work/said"
awk '$1 == 1 && $2 == "latency" && $3 == "p50" { held = $NF <= 1.5 && $NF >= 1 / 1.5; print (held ? "holds: " : "does not hold: ") $NF }
  END { exit !held }' "$work/said"
