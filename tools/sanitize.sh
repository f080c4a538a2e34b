#!/usr/bin/env bash
# Builds and runs the tests of some parts under sanitizers.
#   tools/sanitize.sh asan|tsan|fuzz [PART…]     all parts by default; fuzz: the fuzzers' build, which has asan's too
set -euo pipefail
cd "$(dirname "$0")/.."

preset=$1
shift
parts=("$@")
if [[ ${#parts[@]} -eq 0 ]]; then
  mapfile -t parts < <(git ls-files 'src/*_test.cc' | cut -d/ -f2 | sort -u)
fi

export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1
[[ -f build/$preset/build.ninja ]] || cmake --preset "$preset" >/dev/null
cmake --build "build/$preset" --target "${parts[@]/%/_test}"
for part in "${parts[@]}"; do
  echo "== $preset: $part"
  "build/$preset/${part}_test" --gtest_brief=1
done
