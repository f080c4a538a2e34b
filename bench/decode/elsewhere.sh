#!/usr/bin/env bash
# bench/decode on a machine that build/portable/dist was carried to, against tensorstore, whose Python package `python3`
# has there.
#   bench/decode/elsewhere.sh [JSON] [CODECS]
# All five codecs with 1, 2, 4, 8 and 16 threads take some ten minutes; CODECS ("zstd,gzip") takes part of them.
set -euo pipefail
cd "$(dirname "$0")/../.."
json=${1:-decode.json}
codecs=${2:-blosc-lz4,blosc-zstd,zstd,gzip,raw}
python3 -c 'import tensorstore' || { echo "python3 has no tensorstore" >&2; exit 1; }
exec build/portable/dist/decode --json "$json" --codecs "$codecs" --threads "${THREADS:-1,2,4,8,16}" --mib "${MIB:-512}" \
  --sides bare,pread,ndcast,tensorstore --python python3 --peers build/portable/dist/decode_peers
