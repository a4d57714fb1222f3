# What the scripts that try what is released have in common; they are in the root folder, and bring it in with "." (bash).

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en NO_COLOR=1

# Outside the repository, or its Directory.Build.props would apply.
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT

step() {
  local name=$1 start=$SECONDS
  shift
  # Not as the condition of an if: there, bash ignores set -e, and a step would be as good as its last command.
  (set -e; "$@") >"$work/log" 2>&1
  if [ $? -eq 0 ]; then
    echo "ok $name ($((SECONDS - start)) s)"
  else
    echo "FAILED $name:"
    cat "$work/log"
    exit 1
  fi
}

fail() {
  echo "$*"
  return 1
}
