#!/usr/bin/env bash
# Builds one preset and the browser viewer; quick when nothing changed.
#   tools/build.sh PRESET [TARGET…]
set -euo pipefail
cd "$(dirname "$0")/.."

preset=$1
shift
[[ -f build/$preset/build.ninja ]] || cmake --preset "$preset"
cmake --build "build/$preset" "${@/#/--target=}" 1>&2

# The viewer is built again when one of its sources is newer than the last build.
stamp=web/dist/.built
if [[ ! -f $stamp || -n $(find web -path web/node_modules -prune -o -path web/dist -prune -o -path web/client/dist -prune -o -type f -newer "$stamp" -print -quit) ]]; then
  lock=web/node_modules/.package-lock.json
  if [[ ! -f $lock || web/package-lock.json -nt $lock ]]; then
    npm --prefix web ci --no-audit --no-fund --loglevel=error 1>&2
    touch "$lock"
  fi
  npm --prefix web run --silent build 1>&2
  touch "$stamp"
fi
