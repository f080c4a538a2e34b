#!/usr/bin/env bash
# Installs what ndcast needs from Debian's registry, and only what is missing. Called by ./run and ./test.
#   tools/deps.sh run|test|ci [-y]
# run: compiler, libraries, Node.js for the viewer; test: also test runners, Chromium, Firefox, ffmpeg, nginx; ci: also clang 19.
set -euo pipefail

what=${1:-run}
yes=${2:-}

run=(g++ cmake ninja-build pkg-config ccache
  libboost1.81-dev libssl-dev libwslay-dev libcpp-jwt-dev libsimdjson-dev libfmt-dev libspdlog-dev libcli11-dev libhwy-dev
  libblosc-dev libzstd-dev liblz4-dev libdeflate-dev libbz2-dev liblzma-dev libx264-dev libopenh264-dev libspng-dev libwebp-dev libsqlite3-dev
  libcurl4-openssl-dev libtiff-dev libpugixml-dev prometheus-cpp-dev libjpeg62-turbo-dev zlib1g-dev)
test=(libgtest-dev libgmock-dev librapidcheck-dev chromium firefox-esr ffmpeg nginx-light nghttp2-server openssl python3-zarr gdal-bin)
ci=(clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev)

wanted=("${run[@]}")
case $what in
  run) ;;
  test) wanted+=("${test[@]}") ;;
  ci) wanted+=("${test[@]}" "${ci[@]}") ;;
  *) echo "tools/deps.sh: expected run, test or ci, got '$what'" >&2; exit 2 ;;
esac

# Any Node.js from 18 on that has npm will do; without one, Debian's.
node_major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/' || true)
if [[ -z $node_major || $node_major -lt 18 ]] || ! command -v npm >/dev/null; then
  wanted+=(nodejs npm)
fi

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ $status == installed ]] || missing+=("$package")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

echo "ndcast needs these Debian packages: ${missing[*]}"
as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || { echo "Install them as root, then start this again." >&2; exit 1; }
  as_root=(sudo)
  if [[ $yes != -y ]]; then
    read -r -p "Install them now with sudo apt-get? [Y/n] " answer
    [[ -z $answer || $answer == [Yy]* ]] || exit 1
  fi
fi
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
