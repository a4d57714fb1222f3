#!/bin/bash
# Asks this checker and SPIN the same of each case in cases.txt, and prints where they agree; ends with 1 if they do not.
# usage: bench/spin/verdicts.sh [--times] [CASE...]   (all cases; --times: with and without SPIN's reduction too)
# UAPILAB_BENCH names a build of bench to take as it is (UapiLab.Bench.dll).
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
times=no
[ "${1:-}" = --times ] && { times=yes; shift; }

for tool in spin gcc dotnet awk; do
    command -v "$tool" >/dev/null || { echo "verdicts.sh: $tool is missing; on Debian: apt-get install -y spin gcc (and the .NET SDK)" >&2; exit 2; }
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
chosen=" $* "
sed 's/ *#.*//; /^$/d' "$here/cases.txt" | while read -r name rest; do
    [ $# -eq 0 ] || case "$chosen" in *" $name "*) ;; *) continue ;; esac
    echo "$name $rest"
done >"$scratch/cases"
[ -s "$scratch/cases" ] || { echo "verdicts.sh: $*: expected names of cases in bench/spin/cases.txt" >&2; exit 2; }

ours=${UAPILAB_BENCH:-$repo/bench/bin/Release/net10.0/UapiLab.Bench.dll}
[ -n "${UAPILAB_BENCH:-}" ] || dotnet build -c Release "$repo/bench" -v q >"$scratch/build.log" ||
    { cat "$scratch/build.log" >&2; exit 1; }
# The first case is asked twice, so that what starting the runtime takes is in no row.
{ head -n 1 "$scratch/cases"; cat "$scratch/cases"; } | awk '{ print $1, $2, $3, $4 }' |
    dotnet "$ours" verdicts >"$scratch/ours" || exit 1

# The numbers of the events in encodings.pml, and the properties that they are.
sed -nE 's/^#define ev_([a-z_]+) ([0-9]+).*/\2 \1/p' "$here/encodings.pml" | tr _ - | grep -v ' model-error$' >"$scratch/properties"

# One case: SPIN's lines are "name TAB property TAB verdict", as ours.
one() { # name flags...
    local name=$1 dir=$scratch/$(echo "$1" | tr / _); shift
    mkdir -p "$dir" && cd "$dir" && cp "$here/encodings.pml" . || return 1
    local flags sizes
    sizes=$(awk -F '\t' -v n="$name" '$1 == n && $2 == "flags" { f = $3 } END { print f }' "$scratch/ours")
    flags=$(printf -- '-D%s ' "$@")
    spin -a $flags $sizes encodings.pml >spin.out 2>&1 || { cat spin.out >&2; return 1; }
    local optimise=-O0 reductions=on
    [ "$times" = yes ] && { optimise=-O2; reductions="on off"; }
    for reduction in $reductions; do
        local reduce=
        [ "$reduction" = off ] && reduce=-DNOREDUCE
        # Every event of every state, and states in which nobody can take a step; then fair cycles.
        gcc $optimise -w $reduce -o pan pan.c && ./pan -c0 -m1000000 -w20 >safety.$reduction &&
            ./pan -a -f -A -E -m1000000 -w20 >cycles.$reduction || return 1
        grep -q "max search depth too small" safety.$reduction cycles.$reduction && { echo "$name: too deep" >&2; return 1; }
        awk -v name="$name" -v r=$reduction '
            / states, stored/ && FILENAME ~ /safety/ { states = $1 } /elapsed time/ { seconds += $4 }
            END { printf "%s\tseconds.%s\t%.2f\n%s\tstates.%s\t%d\n", name, r, seconds, name, r, states }' \
            safety.$reduction cycles.$reduction
        cat safety.$reduction cycles.$reduction | sed -nE '
            s/^pan:[0-9]+: assertion violated \(0==([0-9]+)\).*/\1/p
            s/^pan:[0-9]+: invalid end state.*/lost-wakeup/p
            s/^pan:[0-9]+: acceptance cycle.*/livelock/p' | sort -u >found.$reduction
        [ "$reduction" = on ] || cmp -s found.on found.off ||
            { echo "$name: SPIN finds other things with its reduction" >&2; return 1; }
    done
    grep -qx 31 found.on && { echo "$name: a bound of encodings.pml was passed" >&2; return 1; }
    awk -v name="$name" -v OFS='\t' '
        FILENAME ~ /found/ { found[$1] = 1; next }
        { print name, $2, $1 in found ? ($1 < 10 ? "Broken" : "Seen") : ($1 < 10 ? "Holds" : "NeverSeen") }
        END { print name, "lost-wakeup", ("lost-wakeup" in found) ? "Broken" : "Holds"
              print name, "livelock", ("livelock" in found) ? "Broken" : "Holds" }' found.on "$scratch/properties"
}
export here scratch times
export -f one
jobs=$(nproc)
[ "$times" = yes ] && jobs=1
awk '{ printf "%s", $1; for (i = 5; i <= NF; i++) printf " %s", $i; print "" }' "$scratch/cases" |
    xargs -P "$jobs" -I{} bash -c 'set -- {}; one "$@" || echo "$1" >>"$scratch/failed"' >"$scratch/spins"
[ ! -e "$scratch/failed" ] || { echo "verdicts.sh: SPIN did not decide: $(tr '\n' ' ' <"$scratch/failed")" >&2; exit 1; }

# One row a case: what is broken and what is seen, as either says; and each disagreement by name.
awk -F '\t' -v times="$times" '
    FILENAME ~ /cases$/ { split($0, w, " "); order[++cases] = w[1]; next }
    FILENAME ~ /ours$/ { ours[$1, $2] = $3; next }
    { spins[$1, $2] = $3; if ($2 !~ /[.]/) asked[$1] = asked[$1] " " $2 }
    END {
        print "| case | broken, as we say | broken, as SPIN says | the same of | states, ours / SPIN |"
        print "|---|---|---|---:|---:|"
        for (c = 1; c <= cases; c++) {
            name = order[c]; n = split(asked[name], property, " "); same = 0; mine = its = ""
            for (i = 1; i <= n; i++) {
                p = property[i]; a = ours[name, p]; b = spins[name, p]
                # A property that this instance does not ask about is not compared.
                if (a == "DoesNotApply" || a == "NotAsked") { n_of[name]--; continue }
                if (a == "Broken") mine = mine " " p
                if (b == "Broken") its = its " " p
                if (a == b) same++; else wrong[++differ] = name ": " p ": " a " here, " b " with SPIN"
            }
            compared += n + n_of[name]
            agreed += same
            printf "| %s |%s |%s | %d of %d | %d / %d |\n", name, mine ? mine : " -", its ? its : " -",
                same, n + n_of[name], ours[name, "states"], spins[name, "states.on"]
            for (r = 1; r <= 2; r++) { k = r == 1 ? "on" : "off"; total[k] += spins[name, "seconds." k] }
            mineTotal += ours[name, "seconds"]; states += ours[name, "states"]
            on += spins[name, "states.on"]; off += spins[name, "states.off"]
        }
        print ""
        printf "%d verdicts on %d cases: %d equal, %d not.\n", compared, cases, agreed, differ
        for (i = 1; i <= differ; i++) print "DIFFERENT " wrong[i]
        if (times == "yes") {
            print ""
            print "| all cases | states | seconds to the verdict | ratio to ours |"
            print "|---|---:|---:|---:|"
            printf "| ours | %d | %.2f | 1 |\n", states, mineTotal
            printf "| SPIN, reduced | %d | %.2f | %.2f |\n", on, total["on"], total["on"] / mineTotal
            printf "| SPIN, -DNOREDUCE | %d | %.2f | %.2f |\n", off, total["off"], total["off"] / mineTotal
        }
        exit differ > 0 || compared == 0
    }' "$scratch/cases" "$scratch/ours" "$scratch/spins"
