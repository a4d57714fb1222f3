#!/bin/bash
# Applies the patch of encodings to the source of Debian's Linux 6.12 (package linux-source-6.12), installs the headers of
# what comes out, and compiles the selftests with them. Prints "ok STEP" or "FAILED STEP" as eng/try-packages.sh does.
#   eng/try-kernel.sh          src/Cli must have been built
set -uo pipefail
cd "$(dirname "$0")/.."
. eng/steps.sh

archive=/usr/src/linux-source-6.12.tar.xz
tool=$PWD/$(ls -1t src/Cli/bin/{Release,Debug}/net10.0/uapilab.dll 2>/dev/null | head -n 1)
encodings=(single-bit:version=v2 multi-bit:bits=8,layout=split,version=v2 async-hint:version=v2
  async-hint:inject=at-fault exitless)

# What the headers are made from, and the document. The headers of the tree as it is are made once; one that a patch
# changes is installed again as make does it.
unpack() {
  mkdir "$work/linux"
  tar -C "$work/linux" --strip-components=1 --wildcards -xJf "$archive" 'linux-source-6.12/Makefile' \
    'linux-source-6.12/scripts' 'linux-source-6.12/include/uapi' 'linux-source-6.12/include/asm-generic' \
    'linux-source-6.12/arch/x86/Makefile*' 'linux-source-6.12/arch/x86/entry/syscalls' \
    'linux-source-6.12/arch/x86/include/uapi' 'linux-source-6.12/arch/x86/include/asm/Kbuild' \
    'linux-source-6.12/arch/x86/tools' 'linux-source-6.12/tools/include' 'linux-source-6.12/usr/include' 'linux-source-6.12/tools/objtool/Makefile' \
    'linux-source-6.12/Documentation/virt/kvm/api.rst'
  cp -r "$work/linux" "$work/base"
  make -s -C "$work/linux" ARCH=x86 headers
}

try() {
  local encoding=$1 abi
  rm -rf "$work/linux/include/uapi" "$work/linux/Documentation"
  cp -r "$work/base/include/uapi" "$work/linux/include/"
  cp -r "$work/base/Documentation" "$work/linux/"
  dotnet "$tool" uapi "$encoding" --patch --base "$work/linux" >"$work/patch"
  GIT_CEILING_DIRECTORIES=$work git -C "$work/linux" apply --whitespace=error-all --verbose "$work/patch"
  grep -q 'to be assigned' "$work/linux/include/uapi/linux/kvm.h"
  (cd "$work/linux" && ARCH=x86 scripts/headers_install.sh include/uapi/linux/kvm.h usr/include/linux/kvm.h)
  dotnet "$tool" uapi "$encoding" --selftest >"$work/test.c"
  for abi in -m64 -m32; do
    gcc "$abi" -std=gnu11 -Wall -Wextra -Werror -I "$work/linux/usr/include" -c -o "$work/test.o" "$work/test.c"
  done
}

# Without the patch no selftest may compile, or the steps below show nothing.
refuses() {
  dotnet "$tool" uapi single-bit --selftest >"$work/test.c"
  ! gcc -std=gnu11 -I "$work/linux/usr/include" -c -o "$work/test.o" "$work/test.c"
}

step "kernel: $archive, unpacked" unpack
step "kernel: no selftest compiles without the patch" refuses
for encoding in "${encodings[@]}"; do
  step "kernel: $encoding, its patch, headers and selftest" try "$encoding"
done
