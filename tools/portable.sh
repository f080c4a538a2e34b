#!/usr/bin/env bash
# Builds ndcast and bench/decode with the preset `portable` and gathers them, with their shared libraries, in
# build/portable/dist: a folder to be carried to another x86-64 Linux with a glibc as new as this one's, where it runs
# without anything being installed.
#   tools/portable.sh [TARGET…]        (ndcast bench_decode by default)
# Processors: x86-64 of 2003 and what Highway finds at run time; nothing is built for this machine's own.
set -euo pipefail
cd "$(dirname "$0")/.."
build=build/portable
dist=$build/dist
most_mib=30 # of libraries

targets=("$@")
[[ ${#targets[@]} -gt 0 ]] || targets=(ndcast bench_decode)
cmake --preset portable >/dev/null
cmake --build "$build" --target "${targets[@]}"

rm -rf "$dist"
mkdir -p "$dist"
for target in "${targets[@]}"; do
  program=${target/#bench_/bench/}
  strip -o "$dist/${program##*/}" "$build/$program"
done
[[ ! -x $dist/decode ]] || { mkdir "$dist/decode_peers" && cp bench/decode/peers/*.* "$dist/decode_peers"; }

# glibc and its loader belong to the machine and to each other; all else comes along, libstdc++ too.
glibc='/(ld-linux-x86-64|libc|libm|libpthread|libdl|librt|libresolv|libutil|libanl)\.so\.'
find "$dist" -maxdepth 1 -type f -perm -u+x -print0 | xargs -0 -n1 ldd | awk '$2 == "=>" { print $3 }' | sort -u |
  { grep -Ev "$glibc" || true; } | while read -r library; do
  strip --strip-unneeded -o "$dist/${library##*/}" "$(readlink -f "$library")"
done

# What is gathered is what is used, and it runs.
for program in "$dist"/ndcast "$dist"/decode; do
  [[ -x $program ]] || continue
  strangers=$(ldd "$program" | awk '$2 == "=>" { print $3 }' | grep -Ev "$glibc" | grep -v "^$PWD/$dist/" || true)
  [[ -z $strangers ]] || { echo "tools/portable.sh: $program takes $strangers from this machine" >&2; exit 1; }
done
[[ ! -x $dist/ndcast ]] || (cd / && env -i "$OLDPWD/$dist/ndcast" --version)
mib_of() { printf '%s\0' "$@" | du -ck --apparent-size --files0-from=- | tail -n1 | awk '{ printf "%.1f", $1 / 1024 }'; }
libraries=("$dist"/*.so*)
libraries_mib=$(mib_of "${libraries[@]}")
echo "$dist: ${#libraries[@]} libraries of $libraries_mib MiB, $(mib_of "$dist"/*) MiB with the programs; needs glibc $(
  objdump -T "$dist"/* 2>/dev/null | grep -o 'GLIBC_2\.[0-9]*' | sort -uV | tail -1 | cut -d_ -f2)"
awk "BEGIN { exit !($libraries_mib <= $most_mib) }" || { echo "tools/portable.sh: libraries of over $most_mib MiB" >&2; exit 1; }
