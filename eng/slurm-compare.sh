#!/bin/bash
# A comparison as a Slurm job array: each task does one shard of it, and a job behind them puts the shards together.
# usage: eng/slurm-compare.sh SHARDS OUT [ARGUMENTS OF compare…]
#   OUT is on a file system that every node has: OUT/shards and OUT/report are written. It prints the job to wait for.
#   UAPILAB is the program (default: uapilab), the same file on every node. What sbatch needs to know goes into its
#   environment: SBATCH_PARTITION, SBATCH_TIMELIMIT and so on.
set -euo pipefail

case "${1:-}" in '' | *[!0-9]*) echo "slurm-compare.sh: ${1:-nothing}: expected a number of shards, a folder, and arguments of compare" >&2; exit 2 ;; esac
[ $# -ge 2 ] || { echo "slurm-compare.sh: expected a folder behind the number of shards" >&2; exit 2; }
command -v sbatch >/dev/null || { echo "slurm-compare.sh: sbatch is missing; on Debian: apt-get install -y slurm-client" >&2; exit 2; }
shards=$1 out=$2
shift 2
mkdir -p "$out/log"

# The array's tasks know their number; the rest is quoted once more, since sbatch makes a script of it.
program=$(printf '%q ' ${UAPILAB:-uapilab})
compare=$(printf '%q ' compare "$@" --out "$out/shards" --quiet)
array=$(sbatch --parsable --job-name=uapilab-shard --array="1-$shards" --output="$out/log/shard-%a.txt" \
    --wrap="$program $compare --shard \$SLURM_ARRAY_TASK_ID/$shards")
merge=$(printf '%q ' merge "$out/shards" --out "$out/report")
sbatch --parsable --job-name=uapilab-merge --dependency="afterok:$array" --kill-on-invalid-dep=yes \
    --output="$out/log/merge.txt" --wrap="$program $merge"
