#!/usr/bin/env bash
# clang-format and clang-tidy 19 over the sources; fails on the first finding of either.
#   tools/tidy.sh [FILE…]     all of src, bench and tests by default
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ $# -gt 0 ]]; then
  files=("$@")
else
  mapfile -t files < <(git ls-files 'src/*.h' 'src/*.cc' 'bench/*.h' 'bench/*.cc' 'tests/*.cc')
fi
clang-format-19 --dry-run -Werror "${files[@]}"

cmake --preset tidy -DNDCAST_TESTS=ON >/dev/null
cmake --build build/tidy --target help >/dev/null
units=()
for file in "${files[@]}"; do
  # The one unit that knows Beast takes minutes and is the library's style, not ours.
  [[ $file == *.cc && $file != src/transport/beast_server.cc ]] && units+=("$file")
done
printf '%s\n' "${units[@]}" | xargs -P "$(nproc)" -n 4 clang-tidy-19 -p build/tidy --quiet
