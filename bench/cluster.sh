#!/bin/bash
# What a search on silos costs on this machine: one process, one silo, two silos of one thread each, on loopback. No livelocks:
# their transitions go to one process. With silos the first 150,000 states are looked at twice, since learning comes before.
#   bench/cluster.sh [ENCODING [INSTANCE]]
set -euo pipefail
cd "$(dirname "$0")/.."
encoding=${1:-single-bit}
instance=${2:-frames}
port=${UAPILAB_PORT:-7600}
dotnet build src/Cli -c Release -v quiet >&2
program="dotnet src/Cli/bin/Release/net10.0/uapilab.dll"
work=$(mktemp -d)
started=()
stop() {
  [ ${#started[@]} -eq 0 ] || kill "${started[@]}" 2>/dev/null || true
  wait
  started=()
}
trap 'stop; rm -rf "$work"' EXIT

# Bytes that loopback carried, with envelopes, acknowledgements and answers.
carried() { awk '/^ *lo:/ { print $2 }' /proc/net/dev; }
check() { $program check "$encoding" --instance "$instance" --no-liveness --threads 1 --out "$work/out" "$@" >"$work/text" || [ $? -eq 3 ]; }
seconds() { awk '{ for (i = 1; i <= NF; i++) if ($(i + 1) == "s,") { print $i; exit } }' <(grep '^  cost' "$work/text"); }
field() { grep "^  $1" "$work/text" | tr -d , | grep -oE "[0-9]+ $2" | cut -d' ' -f1; }

check
states=$(field covered states)
transitions=$(field covered transitions)
printf '%s on %s: %d states, %d transitions\n' "$encoding" "$instance" "$states" "$transitions"
printf '%-12s %8s %10s %10s %14s %12s %14s %8s\n' where seconds states/s messages bytes/transition loopback/tr. asked/transition MiB
printf '%-12s %8s %10.0f\n' 'one process' "$(seconds)" "$(awk -v n="$states" -v s="$(seconds)" 'BEGIN { print n / s }')"
for silos in 1 2; do
  places=""
  for ((i = 0; i < silos; i++)); do
    place=127.0.0.1:$((port + 10 * i))
    join=(); [ "$i" -eq 0 ] || join=(--join "127.0.0.1:$port")
    $program silo --listen "$place" --threads 1 "${join[@]}" >"$work/silo$i" &
    started+=($!)
    for ((tries = 0; tries < 200; tries++)); do grep -q 'is up' "$work/silo$i" && break; sleep 0.1; done
    places=$places${places:+,}$place
  done
  before=$(carried)
  check --cluster "$places"
  after=$(carried)
  memory=0
  for pid in "${started[@]}"; do
    memory=$((memory + $(awk '/VmHWM/ { print $2 }' "/proc/$pid/status") / 1024))
  done
  [ "$(field covered states)" = "$states" ] && [ "$(field covered transitions)" = "$transitions" ] ||
    { echo "bench/cluster.sh: $silos silos covered something else:" >&2; grep '^  covered' "$work/text" >&2; exit 1; }
  line=$(grep '^  cluster' "$work/text" | tr -d ,)
  awk -v line="$line" -v silos="$silos" -v n="$states" -v t="$transitions" -v s="$(seconds)" -v c="$((after - before))" -v mib="$memory" '
    BEGIN {
      words = split(line, word, " ")
      for (i = 2; i <= words; i++) of[word[i]] = word[i - 1]
      printf "%-12s %8.1f %10d %10d %14.2f %12.2f %14.3f %8d\n", silos (silos == 1 ? " silo" : " silos"), s, n / s,
        of["messages;"], of["bytes"] / t, c / t, of["candidates"] / t, mib
    }'
  stop
done
