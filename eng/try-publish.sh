#!/bin/bash
# Publishes the command line as one file and uses it as somebody would who has a Debian without dotnet, and no network: in a chroot
# that mmdebstrap makes (Debian: mmdebstrap), which needs root. The steps are those of eng/Dockerfile, which needs a registry of images.
# Prints "ok STEP" or "FAILED STEP" for each step and stops at the first that failed, as eng/try-packages.sh does.
set -uo pipefail
cd "$(dirname "$0")/.."
. eng/steps.sh

chroot=$work/chroot
idea=my-idea/MyIdea.cs

# The steps RUN of the Dockerfile, by number.
docker_step() {
  sed -n 's/^RUN //p' eng/Dockerfile | sed -n "$1p"
}

publish() {
  [ "$(grep -c '^RUN ' eng/Dockerfile)" -eq 2 ] || fail "eng/Dockerfile: expected two steps, what publishes and what lays out"
  RID=linux-x64 sh -euc "$(docker_step 1)"
}

make_chroot() {
  [ "$(id -u)" -eq 0 ] || fail "expected root, since others may not enter a chroot"
  mmdebstrap --variant=minbase trixie "$chroot"
  chmod 755 "$work" "$chroot"
  mkdir "$chroot/home/user"
  chown 1000:1000 "$chroot/home/user"
  cp artifacts/publish/linux-x64/uapilab "$chroot/usr/local/bin/"
}

# Runs commands in the chroot as a user: with /proc, which the runtime needs, without a network, and with the home folder alone said.
inside() {
  env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/bin HOME=/home/user unshare --mount --net sh -c \
    'mount -t proc proc "$0/proc" && exec chroot --userspec="$1" "$0" sh -euc "cd /home/user; $2"' "$chroot" "$1" "$2"
}

user() {
  inside 1000:1000 "$1"
}

list_twice() {
  user "command -v dotnet" && fail "there is a dotnet"
  user "uapilab list" >"$work/first"
  grep '^  never-async ' "$work/first"
  ls "$chroot/home/user/.net/uapilab"
  user "uapilab list" | cmp - "$work/first"
}

check_built_in() {
  user "uapilab check single-bit --instance quick"
}

tell_lines() {
  local exit=0
  user "$1" >"$work/history" || exit=$?
  cat "$work/history"
  [ "$exit" -eq 1 ] || fail "expected a violation, exit code 1; it is $exit"
  grep -q "$2:[0-9]" "$work/history"
}

check_plugin() {
  user "uapilab new my-idea; uapilab check my-idea --plugin $idea --instance quick"
}

break_plugin() {
  local file=$chroot/home/user/$idea
  # READY completes an APF a second time.
  sed 's/if (state != Words.Pending)/if (!apf.Exists)/' "$file" >"$chroot/home/user/Broken.cs"
  cmp -s "$file" "$chroot/home/user/Broken.cs" && fail "nothing was broken"
  tell_lines "uapilab check my-idea --plugin Broken.cs --instance careless --no-liveness" Broken.cs
}

compare_plugin() {
  user "uapilab compare my-idea --plugin $idea --workload all-sync:pages=20 --seeds 1 --cells-only --proposals my-idea --out out"
  grep -q '<svg' "$chroot/home/user/out/report.html"
}

refuse() {
  local exit=0
  user "uapilab list --plugin $1" 2>"$work/error" || exit=$?
  cat "$work/error"
  [ "$exit" -eq 2 ] || fail "expected exit code 2; it is $exit"
  grep -q "$2" "$work/error"
}

# What lies beside the framework here, and nowhere else, is nothing for plugins.
compile_against_the_contract() {
  echo "using System.CommandLine;" >"$chroot/home/user/Other.cs"
  refuse Other.cs "Other.cs(1,14): CS0234: "
}

project_without_sdk() {
  echo '<Project Sdk="Microsoft.NET.Sdk" />' >"$chroot/home/user/P.csproj"
  refuse P.csproj "P.csproj: needs the .NET SDK to be built"
  [ "$(wc -l <"$work/error")" -eq 1 ] || fail "expected one line"
}

# Without a folder that it may write to the file does not start; in the image it needs none.
lay_out() {
  local layout
  layout="export $(sed -n 's/^ENV //p' eng/Dockerfile) HOME=/nonexistent"
  user "HOME=/nonexistent uapilab list" && fail "started, with nothing laid out"
  inside 0:0 "$layout; $(docker_step 2)"
  user "$layout; uapilab check my-idea --plugin $idea --instance quick"
}

step "linux-x64: published as the Dockerfile does" publish
cat "$work/log"
step "linux-arm64: published, a program for AArch64" eng/publish.sh linux-arm64
step "chroot: a Debian without dotnet" make_chroot
step "file: lists, twice the same" list_twice
step "file: checks a built-in encoding" check_built_in
step "file: tells source lines of what it has built in" tell_lines \
  "uapilab check single-bit:variant=as-posted --instance careless --property unmatched-ready --no-liveness" SingleBitKvmHalf.cs
step "file: writes a plugin, compiles and checks it" check_plugin
step "file: tells source lines of a plugin that was broken" break_plugin
step "file: compares the plugin and makes the page" compare_plugin
step "file: compiles plugins against the contract alone" compile_against_the_contract
step "file: says that a project needs an SDK" project_without_sdk
step "image: laid out by the Dockerfile's step, for any user" lay_out
