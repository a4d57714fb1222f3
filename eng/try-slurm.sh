#!/bin/bash
# Tries eng/slurm-compare.sh on a Slurm of one node that it starts and stops itself: the report is that of one run.
# Needs slurmctld, slurmd, slurm-client and munge, and to be root. Prints "ok STEP" or "FAILED STEP" for each step.
set -uo pipefail
cd "$(dirname "$0")/.."
. eng/steps.sh

host=$(hostname -s)
export SLURM_CONF=$work/slurm.conf
tool=src/Cli/bin/Debug/net10.0/uapilab.dll
export UAPILAB="dotnet $PWD/$tool"
comparison="single-bit multi-bit --workload mixed-threads:pages=8 --seeds 2 --proposals $work/proposals"

stop() {
  local daemon pid tries
  for daemon in slurmd slurmctld munged; do
    [ -s "$work/$daemon.pid" ] || continue
    pid=$(cat "$work/$daemon.pid")
    kill "$pid" 2>/dev/null
    for tries in $(seq 50); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
  done
  rm -rf --one-file-system "$work"
}
trap stop EXIT

start() {
  mkdir "$work"/{state,spool,proposals}
  # munged takes no key that others could read, in no folder that others could write.
  chmod 755 "$work"
  head -c 1024 /dev/urandom >"$work/munge.key"
  chmod 400 "$work/munge.key"
  munged --force --key-file="$work/munge.key" --socket="$work/munge.socket" --pid-file="$work/munged.pid" \
    --log-file="$work/munged.log" --seed-file="$work/munge.seed"
  cat >"$SLURM_CONF" <<CONF
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
SlurmctldPort=17817
SlurmdPort=17818
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
  slurmctld -f "$SLURM_CONF"
  slurmd -f "$SLURM_CONF" -N "$host"
  local second
  for second in $(seq 20); do
    sinfo --noheader --format=%t 2>/dev/null | grep -q idle && return 0
    sleep 1
  done
  tail -n 5 "$work"/*.log
  fail "the node does not become idle"
}

run_job() {
  local job second
  job=$(eng/slurm-compare.sh 3 "$work/out" $comparison)
  for second in $(seq 120); do
    squeue --noheader --jobs "$job" 2>/dev/null | grep -q . || break
    sleep 1
  done
  tail -n 20 "$work"/out/log/*
  [ -s "$work/out/report/report.json" ] || fail "no report"
}

compare_reports() {
  $UAPILAB compare $comparison --out "$work/whole" --quiet
  cmp "$work/whole/report.txt" "$work/out/report/report.txt"
  cmp "$work/whole/report.md" "$work/out/report/report.md"
}

# A task that fails leaves no report.
fail_once() {
  local job second
  job=$(eng/slurm-compare.sh 2 "$work/wrong" no-such-encoding)
  for second in $(seq 60); do
    squeue --noheader --jobs "$job" 2>/dev/null | grep -q . || break
    sleep 1
  done
  [ ! -e "$work/wrong/report" ] || fail "a report of shards that failed"
  grep -q "unknown encoding 'no-such-encoding'" "$work/wrong/log/shard-1.txt" || fail "$(cat "$work"/wrong/log/*)"
}

build() {
  [ -e "$tool" ] || dotnet build src/Cli -v quiet
}

step "slurm: the tool is built" build
step "slurm: the node starts" start
step "slurm: three shards and their merge" run_job
step "slurm: the report is that of one run" compare_reports
step "slurm: a shard that fails leaves no report" fail_once
