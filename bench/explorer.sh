#!/bin/bash
# Milliseconds of a history's page at 1,000 and 100,000 steps in headless Chromium (Debian: chromium): until it is
# loaded, for one step, and for a jump to the end. Each is the median of so many starts of the browser.
#   bench/explorer.sh [STARTS]
set -euo pipefail
cd "$(dirname "$0")/.."
starts=${1:-9}
dotnet build src/Cli -c Release -v quiet >&2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The page lets no script run but its own, so the copy that is measured goes without that line.
cat > "$work/measure.html" <<'END'
<script>
addEventListener('load', () => {
  const diagram = document.querySelector('.explorer .diagram');
  const laidOut = () => document.body.offsetHeight;
  const press = key => {
    diagram.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    laidOut();
  };
  const each = (times, act) => {
    const from = performance.now();
    for (let i = 0; i < times; i++) { act(); }
    return (performance.now() - from) / times;
  };
  laidOut();
  const load = performance.now();
  press('Home');
  const step = each(100, () => press('j'));
  const jump = each(20, () => { press('Home'); press('v'); }) / 2;
  console.log(`measured ${load} ${step} ${jump}`);
});
</script>
END
printf '%8s %8s %9s %9s %9s\n' steps MB load step jump
for pages in 3 400; do
  dotnet src/Cli/bin/Release/net10.0/uapilab.dll run single-bit "mixed:pages=$pages" --quiet --html "$work/run.html"
  steps=$(grep -o "[0-9]* steps</p>" "$work/run.html" | head -1)
  { grep -v http-equiv=.Content-Security-Policy "$work/run.html"; cat "$work/measure.html"; } > "$work/page.html"
  for _ in $(seq "$starts"); do
    chromium --headless --no-sandbox --disable-gpu --enable-logging=stderr --dump-dom "file://$work/page.html" \
      2>&1 >/dev/null | grep -o 'measured [0-9. ]*'
  done > "$work/times"
  median() { awk -v at="$1" '{ print $at }' "$work/times" | sort -n | sed -n "$((starts / 2 + 1))p"; }
  printf '%8s %8s %9.1f %9.2f %9.2f\n' "${steps%% *}" "$(($(stat -c %s "$work/run.html") / 1000000))" \
    "$(median 2)" "$(median 3)" "$(median 4)"
done
