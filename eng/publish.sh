#!/bin/bash
# Publishes the command line as one self-contained file for each platform, artifacts/publish/RID/uapilab, and says how large it is.
# Where the file runs here, it also says how long it takes to start: at first, when it lays out what it holds, and later.
#   eng/publish.sh [RID…]      linux-x64 and linux-arm64, if none is named
set -euo pipefail
cd "$(dirname "$0")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en
# The lock files are for builds of no platform (Directory.Build.props).
unset RestoreLockedMode

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Two bytes of the ELF header say for which processor a program is: EM_X86_64 is 62, EM_AARCH64 is 183.
machine_of() {
  [ "$(head -c 4 "$1")" = $'\x7fELF' ] && od -An -tu2 -j18 -N2 --endian=little "$1" | tr -d ' '
}

milliseconds() {
  local start=${EPOCHREALTIME/./}
  "$@" >/dev/null
  echo $(((${EPOCHREALTIME/./} - start) / 1000))
}

median_of_five() {
  for _ in 1 2 3 4 5; do milliseconds "$@"; done | sort -n | sed -n 3p
}

[ $# -gt 0 ] || set -- linux-x64 linux-arm64
for rid in "$@"; do
  case $rid in
    linux-x64) machine=62 ;;
    linux-arm64) machine=183 ;;
    *)
      echo "eng/publish.sh: $rid: expected linux-x64 or linux-arm64" >&2
      exit 2
      ;;
  esac

  folder=artifacts/publish/$rid
  file=$folder/uapilab
  rm -rf "$folder"
  dotnet publish src/Cli -r "$rid" -o "$folder" -v quiet
  [ "$(ls "$folder")" = uapilab ] || { echo "$folder: expected one file, uapilab; there are" "$folder"/* >&2; exit 1; }
  [ "$(machine_of "$file")" = "$machine" ] || { echo "$file: expected an ELF file for machine $machine" >&2; exit 1; }
  echo "$file: $((($(stat -c %s "$file") + 500000) / 1000000)) MB"

  [ "$(machine_of "$(readlink -f "$BASH")")" = "$machine" ] || continue
  export DOTNET_BUNDLE_EXTRACT_BASE_DIR=$work
  echo "  first start $(milliseconds "$file" --version) ms, lays out $(($(du -sb "$work" | cut -f 1) / 1000000)) MB"
  echo "  later, --version $(median_of_five "$file" --version) ms, list $(median_of_five "$file" list) ms"
done
