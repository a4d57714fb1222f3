#!/bin/bash
# Rewrites each PublicAPI.Unshipped.txt from the code. Review the difference before committing it.
set -euo pipefail
cd "$(dirname "$0")/.."

# Read by Directory.Build.targets: the public API diagnostics are on even while the check is not armed.
export RecordPublicApi=true DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en

dotnet restore UapiLab.sln --verbosity quiet
for list in src/*/PublicAPI.Unshipped.txt src/Harness/*/PublicAPI.Unshipped.txt; do
  project=$(echo "$(dirname "$list")"/*.csproj)
  name=$(basename "$project" .csproj)

  # Starting from nothing drops members that are gone; the fix adds those that PublicAPI.Shipped.txt does not list.
  echo '#nullable enable' >"$list"
  dotnet format analyzers "$project" --no-restore --diagnostics RS0016 --severity warn

  # The fix may write the platform's line ends and no last one.
  sed -i -e 's/\r$//' -e '$a\' "$list"

  open=$(dotnet build "$project" --no-restore --no-incremental | grep -E '(warning|error) ' | sort -u || true)
  if [ -n "$open" ]; then
    printf '%s\n' "$open"
    echo "$name: still open after recording (see above)" >&2
    exit 1
  fi
  echo "$name: $(grep -vc '^#' "$list" || true) members recorded"
done
