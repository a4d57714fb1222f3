#!/bin/bash
# Seconds and peak memory of `conform` on recordings put one behind the other, 10,000 to 1,000,000 events. BEGIN is a new VM.
#   bench/conform-linear.sh [RECORDING.trace.txt.gz]
set -euo pipefail
cd "$(dirname "$0")/.."
recording=${1:-tests/data/traces/kvm/k6.12-s1_apf_on.trace.txt.gz}
dotnet build src/Cli -c Release -v quiet >&2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

gzip -dc "$recording" > "$work/one"
once=$(grep -vc '^#' "$work/one")
printf '%10s %10s %9s %10s %9s\n' lines events seconds events/s peakMiB
for lines in 10000 100000 1000000; do
  copies=$(( (lines + once - 1) / once ))
  # Time goes on from copy to copy, as a recorder's clock would.
  awk -v copies="$copies" '
    { all[NR] = $0 }
    END {
      for (c = 0; c < copies; c++)
        for (i = 1; i <= NR; i++) {
          line = all[i]
          if (match(line, / [0-9]+\.[0-9]+: /)) {
            stamp = substr(line, RSTART + 1, RLENGTH - 3)
            digits = length(stamp) - index(stamp, ".")
            line = substr(line, 1, RSTART) sprintf("%." digits "f", stamp + c * 1000) substr(line, RSTART + RLENGTH - 2)
          } else if (c > 0) continue
          print line
        }
    }' "$work/one" > "$work/long.trace"
  start=$(date +%s.%N)
  verdict=0
  peak=$( { dotnet src/Cli/bin/Release/net10.0/uapilab.dll conform "$work/long.trace" > "$work/out" & pid=$!
            peak=0
            while kill -0 $pid 2>/dev/null; do
              now=$(awk '/VmHWM/ { print $2 }' /proc/$pid/status 2>/dev/null || echo 0)
              [ "${now:-0}" -gt "$peak" ] && peak=$now
              sleep 0.05
            done
            wait $pid || echo "exit $?" >&2
            echo "$peak"; } )
  end=$(date +%s.%N)
  grep -q accepted "$work/out" || { cat "$work/out" >&2; exit 1; }
  events=$(grep -oE '[0-9,]+ events' "$work/out" | head -1 | tr -dc 0-9)
  awk -v l="$(wc -l < "$work/long.trace")" -v e="$events" -v s="$start" -v t="$end" -v p="$peak" \
    'BEGIN { d = t - s; printf "%10d %10d %9.1f %10.0f %9.0f\n", l, e, d, e / d, p / 1024 }'
done
