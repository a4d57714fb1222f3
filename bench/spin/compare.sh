#!/bin/bash
# Races the search against SPIN's on the same models, alternately, and prints medians and ratios. Needs spin and gcc (Debian:
# apt-get install spin gcc) and the .NET SDK. Usage: bench/spin/compare.sh [REPETITIONS]
set -euo pipefail
cd "$(dirname "$0")/../.."
runs=${1:-5}
for tool in spin gcc dotnet; do command -v "$tool" >/dev/null || { echo "compare: $tool is not installed (Debian: apt-get install spin gcc)" >&2; exit 2; }; done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dotnet build -c Release bench -v q >/dev/null
ours=$(ls bench/bin/Release/net10.0/*[Bb]ench.dll | grep -v BenchmarkDotNet | head -n 1)

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
pan() { # model, gcc flags, pan flags
  mkdir -p "$work/$1$2" && cp "bench/spin/$1.pml" "$work/$1$2/"
  (cd "$work/$1$2" && spin -a "$1.pml" && gcc -O2 -DSAFETY $2 -o pan pan.c) >/dev/null
}
pan_rate() { # model, gcc flags, pan flags: states and states per second
  (cd "$work/$1$2" && /usr/bin/env time -f '%e' -o t ./pan $3 > out; awk -v t="$(tail -n 1 t)" '/states, stored/ { print $1, $1 / t }' out)
}

pan counters -DNOREDUCE; pan userfault -DNOREDUCE; pan userfault ""
for model in counters userfault; do
  flags="-m1000000 -E -n -w25"; [ $model = counters ] && flags="-m10000000 -E -n -w24"
  : > "$work/s"; for t in $(seq 1 "$(nproc)"); do : > "$work/o$t"; done
  for _ in $(seq "$runs"); do
    pan_rate $model -DNOREDUCE "$flags" | tee "$work/last" | cut -d' ' -f2 >> "$work/s"
    for t in 1 2 4 8; do [ "$t" -le "$(nproc)" ] && dotnet "$ours" search $model "$t" | tee "$work/olast$t" | sed -E 's/.* s ([0-9]+) states.*/\1/' >> "$work/o$t"; done
  done
  spin=$(median < "$work/s")
  echo "$model: SPIN $(cut -d' ' -f1 "$work/last") states, $(printf %.0f "$spin") states/s on one thread"
  for t in 1 2 4 8; do
    [ "$t" -le "$(nproc)" ] || continue
    rate=$(median < "$work/o$t")
    echo "  ours on $t: $(cut -d' ' -f1 "$work/olast$t") states, $rate states/s, ratio $(awk -v a="$rate" -v b="$spin" 'BEGIN { printf "%.2f", a / b }'), $(grep -oE '[0-9.]+ B/state' "$work/olast$t")"
  done
done
echo "userfault with partial-order reduction: SPIN $(pan_rate userfault "" "-m1000000 -E -n -w25" | cut -d' ' -f1) states, ours $(dotnet "$ours" search userfault 1 reduce | cut -d' ' -f1)"
