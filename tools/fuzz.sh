#!/usr/bin/env bash
# Builds the fuzzers and runs each for SECONDS of processor time (default 10) with its corpus in src/PART/corpus/NAME.
#   tools/fuzz.sh [--keep] [--together] [SECONDS [NAME…]]
# --keep: what reached new code is added to the corpus, the smallest inputs that reach it all.
# --together: SECONDS are shared by all of them.
set -euo pipefail
cd "$(dirname "$0")/.."

keep=
together=
while [[ ${1:-} == --* ]]; do
  case $1 in
    --keep) keep=1 ;;
    --together) together=1 ;;
    *) echo "tools/fuzz.sh: expected --keep or --together, got '$1'" >&2; exit 2 ;;
  esac
  shift
done
seconds=${1:-10}
shift || true
if [[ $# -gt 0 ]]; then
  names=("$@")
else
  mapfile -t names < <(git ls-files 'src/*_fuzz.cc' | xargs -n1 basename -s .cc | sort)
fi
[[ -z $together ]] || seconds=$(((seconds + ${#names[@]} - 1) / ${#names[@]}))

cmake --preset fuzz >/dev/null
cmake --build build/fuzz --target "${names[@]}"

# Processor seconds that a process has used, in its own code and in the kernel's.
used() { awk -v hz="$(getconf CLK_TCK)" '{ print int(($14 + $15) / hz) }' "/proc/$1/stat" 2>/dev/null || echo "$seconds"; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=()
for name in "${names[@]}"; do
  source=$(git ls-files "src/*/$name.cc")
  corpus=$(dirname "$source")/corpus/${name%_fuzz}
  found=$scratch/$name
  mkdir -p "$found"
  folders=("$found")
  [[ -d $corpus ]] && folders+=("$corpus")
  "build/fuzz/$name" -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="build/fuzz/$name-" "${folders[@]}" >"$found.log" 2>&1 &
  pid=$!
  while kill -0 "$pid" 2>/dev/null && (($(used "$pid") < seconds)); do sleep 0.2; done
  kill -INT "$pid" 2>/dev/null || true
  wait "$pid" || true
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$found.log")
  echo "== $name: $seconds s, ${runs:-?} inputs, $(grep -o 'cov: [0-9]*' "$found.log" | tail -n 1)"
  # A slow unit alone (a process that was stopped for a while) is no finding; a time-out is an ERROR.
  if grep -qE 'ERROR:|SUMMARY:|runtime error' "$found.log"; then
    failed+=("$name")
    tail -n 40 "$found.log"
  elif [[ -n $keep ]]; then
    mkdir -p "$corpus"
    "build/fuzz/$name" -merge=1 -timeout=60 -rss_limit_mb=2048 "$corpus" "$found" >/dev/null 2>&1
  fi
done
if [[ ${#failed[@]} -gt 0 ]]; then
  echo "findings in: ${failed[*]}" >&2
  exit 1
fi
