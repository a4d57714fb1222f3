#!/bin/bash
# Makes the picture of the README from the page that the default compare wrote: eng/picture.sh [REPORT.html]
# The README names the hash of the answer that the picture shows; a test compares it with the answer printed there.
set -euo pipefail
cd "$(dirname "$0")/.."

page=$(realpath "${1:-artifacts/compare/latest/report.html}")
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
  --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$profile" --window-size=1240,820 \
  --screenshot="$PWD/docs/report.png" "file://$page"
hash=$(sed -n '/^```text$/,/^```$/p' README.md | sed '/^```/d' | sha256sum | cut -c1-64)
sed -i "s/^<!-- answer in docs\/report.png: .* -->$/<!-- answer in docs\/report.png: $hash -->/" README.md
