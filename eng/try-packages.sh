#!/bin/bash
# Packs everything and uses it as somebody would who has the packages and nothing else of this repository: makes a project from the
# template, builds and tests it, breaks it and sees the tests fail, installs the tool and gives it the project.
# Prints "ok STEP" or "FAILED STEP" for each step and stops at the first that failed.
set -uo pipefail
cd "$(dirname "$0")/.."
. eng/steps.sh
repository=$PWD

# The host of an installed tool looks for the runtime where the SDK may not be.
export DOTNET_ROOT=${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}

packages=$work/packages
version=$(dotnet msbuild src/Abstractions/UapiLab.Abstractions.csproj -getProperty:PackageVersion)

pack() {
  dotnet pack UapiLab.sln -o "$packages" -v quiet
  local expected
  expected=$(printf '%s\n' UapiLab.{Abstractions,Encodings,Harness,Templates,Testing} uapilab | sed "s/\$/.$version.nupkg/" | LC_ALL=C sort)
  [ "$(ls "$packages" | LC_ALL=C sort)" = "$expected" ] || fail "expected exactly $expected; there are $(ls "$packages")"
}

# Every package brings what a reader without a network needs.
look_inside() {
  local package name file
  for package in "$packages"/*.nupkg; do
    unzip -l "$package" >"$work/list"
    unzip -p "$package" '*.nuspec' >"$work/nuspec"
    for file in README.md LICENSE; do
      grep -q " $file\$" "$work/list" || fail "$package: no $file"
    done
    grep -q '<license type="expression">MIT<' "$work/nuspec" || fail "$package: names no licence"
    grep -q '<description>Package Description<' "$work/nuspec" && fail "$package: no description"

    name=$(basename "$package" ".$version.nupkg")
    case $name in
      UapiLab.Templates) continue ;;
      uapilab) files="uapilab.dll uapilab.pdb UapiLab.Encodings.pdb DotnetToolSettings.xml UapiLab.Pages.dll OxyPlot.dll Microsoft.AspNetCore.Components.Web.dll" ;;
      # The package of the rooms holds their assemblies and none of its own.
      UapiLab.Harness) files=$(cd src/Harness && printf 'UapiLab.Harness.%s ' */*.csproj | sed -E 's#UapiLab.Harness.([A-Za-z]+)/[^ ]*#UapiLab.Harness.\1.dll UapiLab.Harness.\1.pdb#g') ;;
      *) files="$name.dll $name.pdb $name.xml" ;;
    esac
    for file in $files; do
      grep -q "/$file\$" "$work/list" || fail "$package: no $file"
    done
    # The place of its symbols is in an assembly; ours is nobody's business, and would make its bytes differ from machine to machine.
    unzip -p "$package" '*/UapiLab.*.dll' '*/uapilab.dll' 2>/dev/null >"$work/code" || true
    grep -qa "/_/" "$work/code" || fail "$package: its paths are not mapped"
    grep -qaF "$repository" "$work/code" && fail "$package: names $repository"
    # Packages of two versions must not meet: Testing uses internal members of Harness.
    grep -E '<dependency id="UapiLab' "$work/nuspec" | grep -vF "version=\"[$version]\"" && fail "$package: asks for a range of versions"
  done
  return 0
}

use_template() {
  cat >"$work/nuget.config" <<EOF
<?xml version="1.0" encoding="utf-8"?>
<configuration>
  <packageSources>
    <add key="packages" value="$packages" />
  </packageSources>
</configuration>
EOF
  # A hive of its own: the user's templates stay as they are.
  dotnet new install "$packages/UapiLab.Templates.$version.nupkg" --debug:custom-hive "$work/hive"
  cd "$work"
  dotnet new uapilab-encoding -n my-ring --debug:custom-hive "$work/hive"
  # The name becomes an id and a name of classes and files.
  grep -q '"my-ring"' my-ring/MyRing/MyRing.cs
  grep -rIiE 'my-?idea|UAPILAB_VERSION|XUNIT_VERSION' my-ring && fail "a placeholder was left"
  grep -q "\"UapiLab.Testing\" Version=\"$version\"" my-ring/Directory.Packages.props

  # A digit begins no class and no id.
  dotnet new uapilab-encoding -n 9lives --debug:custom-hive "$work/hive"
  grep -q 'class Idea9LivesFamily' 9lives/Idea9Lives/Idea9Lives.cs
}

build_project() {
  cd "$work/my-ring"
  dotnet build -v quiet -warnaserror
  # From the packages, and from nowhere else.
  grep -q "\"UapiLab.Harness/$version\"" MyRing.Tests/obj/project.assets.json
  grep -qF "$repository" MyRing.Tests/obj/project.assets.json && fail "refers to $repository"
  # The lab's symbols come along (CopyDebugSymbolFilesFromPackages).
  ls MyRing.Tests/bin/Debug/net10.0/UapiLab.Harness.Machines.pdb
}

test_project() {
  cd "$work/my-ring"
  dotnet test --no-build | tee "$work/tests"
  grep -qE '^ *succeeded: [1-9]' "$work/tests"
}

break_project() {
  cp -r "$work/my-ring" "$work/broken"
  cd "$work/broken"
  # READY completes an APF a second time.
  sed -i 's/if (state != Words.Pending)/if (!apf.Exists)/' MyRing/MyRing.cs
  cmp -s MyRing/MyRing.cs ../my-ring/MyRing/MyRing.cs && fail "nothing was broken"
  dotnet test --filter-method '*.Survives_hostile_userspace' >"$work/tests" && fail "the kit passed a broken encoding"
  cat "$work/tests"
  grep -q 'survives-hostile-userspace does not hold: unmatched-ready' "$work/tests"
}

install_tool() {
  dotnet tool install uapilab --version "$version" --tool-path "$work/tools" --add-source "$packages"
  "$work/tools/uapilab" list | tee "$work/list"
  grep -q '^  never-async ' "$work/list"
}

check_project() {
  cd "$work/my-ring"
  "$work/tools/uapilab" check my-ring --plugin MyRing/MyRing.csproj --quick
  "$work/tools/uapilab" check idea-9-lives --plugin ../9lives/Idea9Lives/Idea9Lives.cs --quick
}

# Source lines of a built-in encoding need the symbols in the tool's package.
tell_lines() {
  cd "$work"
  local exit=0
  "$work/tools/uapilab" check single-bit:variant=as-posted --instance careless --property unmatched-ready --no-liveness >"$work/history" || exit=$?
  cat "$work/history"
  [ "$exit" -eq 1 ] || fail "expected a violation, exit code 1; it is $exit"
  grep -q 'SingleBitKvmHalf.cs:[0-9]' "$work/history"
}

step "pack: six packages of version $version" pack
step "look inside: readme, licence, symbols, documentation, versions" look_inside

# From here on nothing of the repository: its packages of this version, not ones of yesterday, so a cache of its own.
export NUGET_PACKAGES=$work/cache
unset RestoreLockedMode
step "template: installed from the folder, makes a project" use_template
step "project: builds against the packages alone" build_project
step "project: its tests pass" test_project
step "project: its tests fail once it is broken" break_project
step "tool: installs and lists" install_tool
step "tool: checks the project" check_project
step "tool: tells source lines of what it has built in" tell_lines
