// Reads one z slice of a gzip-compressed u8 zarr v2 array with Node alone: what a picture should show, found without a
// line of ndcast.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

export interface Slice {
  height: number;
  width: number;
  /** Row by row. */
  voxels: Uint8Array;
}

interface ZArray {
  shape: [number, number, number];
  chunks: [number, number, number];
  dtype: string;
  compressor: { id: string } | null;
  fill_value: number;
  dimension_separator?: string;
}

export function readSlice(array: string, z: number): Slice {
  const meta = JSON.parse(readFileSync(join(array, ".zarray"), "utf8")) as ZArray;
  if (meta.dtype !== "|u1") throw new Error(`${array} holds ${meta.dtype}, expected |u1`);
  const [, height, width] = meta.shape;
  const [cz, cy, cx] = meta.chunks;
  const voxels = new Uint8Array(height * width).fill(meta.fill_value);
  for (let iy = 0; iy * cy < height; ++iy) {
    for (let ix = 0; ix * cx < width; ++ix) {
      const path = join(array, [Math.floor(z / cz), iy, ix].join(meta.dimension_separator ?? "."));
      if (!existsSync(path)) continue;
      const raw = readFileSync(path);
      const chunk = meta.compressor?.id === "gzip" || meta.compressor?.id === "zlib" ? gunzipSync(raw) : raw;
      const columns = Math.min(cx, width - ix * cx);
      for (let y = 0; y < cy && iy * cy + y < height; ++y) {
        const from = ((z % cz) * cy + y) * cx;
        voxels.set(chunk.subarray(from, from + columns), (iy * cy + y) * width + ix * cx);
      }
    }
  }
  return { height, width, voxels };
}
