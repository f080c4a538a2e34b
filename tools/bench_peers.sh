#!/usr/bin/env bash
# Installs what benchmarks hold ndcast against: for bench/control NATS from Debian, the other servers from npm into
# build/peers; for bench/decode python3-zarr and GDAL (zarrita is in web/node_modules); for bench/render VTK and
# OpenGL for Python; for bench/stream.mjs neuroglancer.
# Not part of ./test: nothing that ndcast is made of needs them.
#   tools/bench_peers.sh [FOLDER]        (build/peers by default)
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
peers=${1:-$here/build/peers}

if ! command -v nats-server >/dev/null || ! command -v xvfb-run >/dev/null || ! /usr/bin/python3 -c 'import zarr, osgeo, vtk, moderngl' 2>/dev/null; then
  as_root=()
  [[ $(id -u) -eq 0 ]] || as_root=(sudo)
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nats-server python3-zarr python3-gdal \
    python3-vtk9 python3-moderngl python3-glcontext libegl1 libgl1-mesa-dri xvfb
fi

# install SET PACKAGE…: into a folder of their own, with exactly these versions.
install() {
  local folder=$peers/$1
  shift
  mkdir -p "$folder"
  [[ -f $folder/package.json ]] || echo '{"private": true}' >"$folder/package.json"
  npm --prefix "$folder" install --no-audit --no-fund --loglevel=error --legacy-peer-deps --save-exact "$@"
}

# Node.js 22 comes as a package too; both sets run on it. Colyseus' own meta package needs a repository outside the
# registry, so its parts are named.
install colyseus node@22 @colyseus/core@0.18 @colyseus/ws-transport@0.18 @colyseus/schema@5 @colyseus/sdk@0.18 express@5
install hocuspocus @hocuspocus/server@4 @hocuspocus/provider@4 yjs@13 y-protocols@1 ws@8 @nats-io/transport-node@3 @nats-io/kv@3

# For bench/stream.mjs. neuroglancer's icons come from a repository outside the registry; the registry has their release.
mkdir -p "$peers/neuroglancer"
echo '{"private": true, "overrides": {"ikonate": "1.1.1"}}' >"$peers/neuroglancer/package.json"
install neuroglancer neuroglancer@2.41.2 vite@6.4.0
node "$here/bench/viewer/neuroglancer/build.mjs" "$peers/neuroglancer"

"$peers/colyseus/node_modules/.bin/node" --version
nats-server --version
