#!/bin/bash
# Has calibrate measure a real KVM, live run a guest on it and record trace that: kvm_amd of a Debian kernel, in an emulated machine (Debian: qemu-system-x86 and
# linux-image-cloud-amd64) whose init is the command line. Its times mean nothing; what KVM counts and traces is what is asked
# about, and calibrate has no price where that is not as the method says. Prints "ok STEP" or "FAILED STEP" as eng/try-packages.sh does.
#   eng/try-kvm.sh             the file that eng/publish.sh linux-x64 makes must be there
set -uo pipefail
cd "$(dirname "$0")/.."
. eng/steps.sh

file=artifacts/publish/linux-x64/uapilab
libraries=(libdl.so.2 libpthread.so.0 libstdc++.so.6 libm.so.6 libgcc_s.so.1 libc.so.6 librt.so.1)

# A folder as the machine sees it: what the file needs, and the modules of KVM.
lay_out() {
  local kernel version module root=$work/root
  [ -f "$file" ] || fail "$file: expected what eng/publish.sh linux-x64 makes"
  kernel=$(ls -1 /boot/vmlinuz-*-cloud-amd64 | sort -V | tail -n 1)
  version=${kernel#/boot/vmlinuz-}
  cp "$kernel" "$work/vmlinuz"
  mkdir -p "$root"/{bin,dev,proc,sys,tmp,lib64,lib/x86_64-linux-gnu,modules}
  cp -L /lib64/ld-linux-x86-64.so.2 "$root/lib64/"
  for library in "${libraries[@]}"; do
    cp -L "/lib/x86_64-linux-gnu/$library" "$root/lib/x86_64-linux-gnu/" 2>/dev/null ||
      cp -L "/usr/lib/x86_64-linux-gnu/$library" "$root/lib/x86_64-linux-gnu/"
  done
  # kvm-amd after what it needs, by number.
  modprobe -S "$version" --show-depends kvm-amd | awk '$1 == "insmod" { print $2 }' >"$work/modules"
  while read -r module; do
    case $module in
      *.xz) xz -dc "$module" ;;
      *) cat "$module" ;;
    esac >"$root/modules/$(printf %02d "$(ls "$root/modules" | wc -l)").ko"
  done <"$work/modules"
  cp "$(command -v busybox)" "$root/bin/busybox"
  cp "$file" "$root/bin/uapilab"
  cat >"$root/init" <<'INIT'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs dev /dev
for module in /modules/*.ko; do $b insmod $module; done
export HOME=/tmp TERM=dumb
echo booted
# What a machine that gets nowhere does: each thread of the tool, and where in the kernel it waits.
(
  $b sleep 150
  for thread in /proc/$($b pidof uapilab | $b cut -d" " -f1)/task/*; do
    echo "stuck: $($b cat $thread/comm) $($b cat $thread/wchan) $($b cut -d" " -f3,14,15 $thread/stat)"
  done
) &
/bin/uapilab calibrate --rounds 5 --out /tmp/host.json 2>/tmp/error
echo "exit $?"
$b cat /tmp/error
$b poweroff -f
INIT
  cat >"$root/live" <<'LIVE'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs dev /dev
$b mount -t tracefs nodev /sys/kernel/tracing
for module in /modules/*.ko; do $b insmod $module; done
export HOME=/tmp TERM=dumb
echo booted
# What calibrate finds here: an EOI is an exit.
echo '{"eoi": 1}' >/tmp/host.json
/bin/uapilab record --out /tmp/recording 2>/tmp/error &
recorder=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
  $b sleep 1
  $b grep -q recording /tmp/error && break
done
/bin/uapilab live kernel-apf --costs /tmp/host.json --pages 10 --runs 1 --fetch 0ns --fetch 1ms
echo "live $?"
kill -TERM $recorder
wait $recorder
echo "record $?"
$b cat /tmp/error
echo "left: $($b ls /sys/kernel/tracing/instances)"
echo "BEGIN recording"
$b gzip -c /tmp/recording | $b base64
echo "END recording"
$b poweroff -f
LIVE
  chmod +x "$root/init" "$root/live"
  (cd "$root" && find . | busybox cpio -o -H newc | gzip -1) >"$work/initrd"
}

# Boots the machine with an init of the folder, and keeps what it prints. Threads of an emulated machine that run side by
# side have brought its kernel down; one core is enough for exits. One instruction takes one ns of the machine's own time,
# and what waits takes none of ours. A machine that is not off in time is booted once more, and that is said: what hangs
# always has no second way out.
boot() {
  local init=$1 said=$2 try
  for try in 1 2; do
    timeout 200 qemu-system-x86_64 -accel tcg,thread=single -icount shift=0,sleep=off -cpu EPYC -m 3000 -smp 1 -nodefaults \
      -display none -no-reboot -serial stdio -kernel "$work/vmlinuz" -initrd "$work/initrd" \
      -append "console=ttyS0 panic=-1 rdinit=$init" </dev/null 2>&1 | tr -d '\r' >"$said"
    sed '/^BEGIN recording/,$d' "$said"
    grep -q 'reboot: Power down' "$said" && return 0
    echo "note: boot $try of 2 with $init was not off after 200 s; its last lines:" >&3
    tail -n 25 "$said" >&3
  done
  return 1
}

measure() {
  boot /init "$work/said"
  grep -qx 'exit 0' "$work/said"
}

# Every price that a guest yields stands beside its probe, unless it is a difference of two times that nobody could tell apart here.
hold_prices() {
  local row noise
  noise=$(tr '\n' ' ' <"$work/said" | grep -oE '[a-zA-Z, ]+: a difference of two times') || true
  for row in "vmExit kvm-exit" "userExit kvm-pio" "userEntry kvm-pio" "faultPath kvm-fault" "mapPage kvm-fault" \
    "memslotUpdate kvm-memslot" "eoi kvm-eoi" "irqWindow kvm-irq-window"; do
    [[ "$noise" == *"${row% *}"* ]] || grep -E "^${row% *} .* ${row#* }\$" "$work/said" ||
      { cat "$work/said" && fail "no row: $row"; }
  done
  # No AVIC is emulated, so both are exits.
  grep -E '^(eoi|irqWindow) +0ns' "$work/said" && fail "an exit was not counted"
  tr '\n' ' ' <"$work/said" | grep -F "kvm-mmio, kvm-immediate-exit, kvm-discard, kvm-inject, kvm-halt, kvm-halt-poll, kvm-apf: counted"
  return 0
}

run_live() {
  boot /live "$work/live"
  grep -qx 'live 0' "$work/live"
  grep -q '^Every count that the protocol determines is the' "$work/live"
}

# Accepted by the machine of a stock kernel, with what belongs to each page; and nothing of the recorder is left.
hold_recording() {
  grep -qx 'record 0' "$work/live"
  grep -qx 'left: ' "$work/live"
  sed -n '/^BEGIN recording/,/^END recording/p' "$work/live" | sed '1d;$d' | base64 -d >"$work/live.trace.gz"
  [ "$(zcat "$work/live.trace.gz" | grep -c ' kvm_async_pf_not_present: ')" -eq 80 ]
  # of the subsystem kvmmmu
  [ "$(zcat "$work/live.trace.gz" | grep -c ' kvm_mmu_spte_requested: ')" -ge 80 ]
  "$file" conform "$work/live.trace.gz"
  "$file" compare kernel-apf userfaultfd --trace "$work/live.trace.gz" --quiet
}

# What is said beside the steps.
exec 3>&1
step "kvm: the command line and a kernel, laid out" lay_out
step "kvm: calibrate as the init of an emulated machine" measure
step "kvm: what KVM counted is what the method says" hold_prices
step "kvm: kernel-apf runs live, and counts what the simulator does" run_live
step "kvm: what record traced of that conforms, and can be compared" hold_recording
