#!/bin/sh
# Races this search against SPIN on the same models, alternately, each run a process of its own.
# usage: bench/spin/compare.sh [RUNS]   (5 by default; run it on an idle machine)
set -eu
runs=${1:-5}
here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)

for tool in spin gcc dotnet awk; do
    command -v "$tool" >/dev/null || { echo "compare.sh: $tool is missing; on Debian: apt-get install -y spin gcc (and the .NET SDK)" >&2; exit 2; }
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
dotnet build -c Release "$repo/bench" -v q >"$scratch/build.log" || { cat "$scratch/build.log" >&2; exit 1; }
ours="dotnet $repo/bench/bin/Release/net10.0/UapiLab.Bench.dll search"

# As the headers of the models say: pan without partial-order reduction, panr with it.
for model in counters userfault; do
    mkdir "$scratch/$model"
    cp "$here/$model.pml" "$scratch/$model"
    (cd "$scratch/$model" && spin -a "$model.pml" >/dev/null && gcc -O2 -DSAFETY -DNOREDUCE -o pan pan.c && gcc -O2 -DSAFETY -o panr pan.c)
done

spin_flags() { case $1 in counters) echo "-m10000000 -E -n -w24" ;; *) echo "-m1000000 -E -n -w25" ;; esac; }

# Prints: states transitions seconds
run_spin() { # program model
    (cd "$scratch/$2" && ./"$1" $(spin_flags "$2")) | awk '
        /states, stored/ { states = $1 } /transitions \(=/ { transitions = $1 } /elapsed time/ { seconds = $4 }
        END { print states, transitions, seconds }'
}
run_ours() { # model, options
    $ours "$@" | tr ' ' '\n' | awk -F= '{ v[$1] = $2 } END { print v["states"], v["transitions"], v["seconds"] }'
}
median() { awk '{ print $3 }' "$1" | sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
counts() { awk '{ print $1, $2 }' "$1" | sort -u | tr '\n' ' '; }

threads=""
for t in 1 2 4; do [ "$t" -le "$(nproc)" ] && threads="$threads $t"; done

echo "$(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg), $(spin -V), .NET $(dotnet --version), medians of $runs runs; rate is states/s, ours / SPIN's"
echo
echo "| model | search | states | transitions | seconds | rate to SPIN |"
echo "|---|---|---:|---:|---:|---:|"
for model in counters userfault; do
    for reduce in no yes; do
        [ "$reduce" = no ] && { program=pan; option=--no-reduce; } || { program=panr; option=; }
        rm -f "$scratch"/result-*
        i=0
        while [ $i -lt "$runs" ]; do
            run_spin $program $model >>"$scratch/result-spin"
            for t in $threads; do
                run_ours $model --threads "$t" $option >>"$scratch/result-$t"
            done
            i=$((i + 1))
        done
        spin_seconds=$(median "$scratch/result-spin")
        set -- $(counts "$scratch/result-spin")
        spin_states=$1
        [ "$reduce" = no ] && kind="all" || kind="reduced"
        echo "| $model | SPIN, $kind | $1 | $2 | $spin_seconds | 1 |"
        for t in $threads; do
            set -- $(counts "$scratch/result-$t")
            [ $# -eq 2 ] || { echo "compare.sh: $model with $t threads: runs differ: $*" >&2; exit 1; }
            if [ "$reduce" = no ] && [ "$1" != "$spin_states" ]; then
                echo "compare.sh: $model: $1 states, SPIN stored $spin_states" >&2
                exit 1
            fi
            seconds=$(median "$scratch/result-$t")
            ratio=$(awk -v a="$1" -v b="$seconds" -v c="$spin_states" -v d="$spin_seconds" 'BEGIN { printf "%.2f", a / b / (c / d) }')
            echo "| $model | ours, $kind, threads $t | $1 | $2 | $seconds | $ratio |"
        done
    done
done
