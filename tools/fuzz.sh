#!/usr/bin/env bash
# Builds every *_fuzz.cc and runs each for SECONDS (default 10) with its corpus in src/PART/corpus/NAME, where there is one.
#   tools/fuzz.sh [SECONDS [NAME…]]
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-10}
shift || true
if [[ $# -gt 0 ]]; then
  names=("$@")
else
  mapfile -t names < <(git ls-files 'src/*_fuzz.cc' | xargs -n1 basename -s .cc | sort)
fi

cmake --preset fuzz >/dev/null
cmake --build build/fuzz "${names[@]/#/--target=}"
for name in "${names[@]}"; do
  part=$(git ls-files "src/*/$name.cc" | cut -d/ -f2)
  scratch=$(mktemp -d)
  corpus=("$scratch")
  [[ -d src/$part/corpus/${name%_fuzz} ]] && corpus+=("src/$part/corpus/${name%_fuzz}")
  echo "== $name, $seconds s"
  "build/fuzz/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 "${corpus[@]}" 2>&1 | tail -n 8
  rm -rf "$scratch"
done
