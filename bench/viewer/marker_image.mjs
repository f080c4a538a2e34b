// Images that say what a picture of them shows: where a plane lies, which plane it is, how a volume is turned. What is
// around the marks is as hard to encode as a microscope's planes are.
//
//   plane    a white bar on black across the top; its edge tells the position. Below it blocks, one a bit of z.
//   volume   cells over a noisy ground, and off the centre a ball brighter than all else; where it is seen tells the angle
//
// Written as OME-Zarr 0.4, gzip, by Node alone.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** In voxels of the plane. Marks are wide: a picture of fewer pixels, and a codec, leave their middle as it is. */
export const kPlane = {
  size: [32, 768, 1344],
  bar: { left: 640, right: 704, top: 16, bottom: 80 },
  bits: { count: 5, left: 512, each: 64, top: 96, bottom: 160 },
};
const kVolume = { size: [160, 160, 160], ball: { center: [80, 128, 80], radius: 12 } };
const kNoiseTable = 1 << 20;

/** The same numbers in each run. */
function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Sums of four even numbers: nearly a camera's noise. */
function noise(seed, amplitude) {
  const next = random(seed);
  return Int8Array.from({ length: kNoiseTable }, () => Math.round((next() + next() + next() + next() - 2) * amplitude));
}

function planeVoxels() {
  const [depth, height, width] = kPlane.size;
  const voxels = new Uint8Array(depth * height * width);
  const grain = noise(1, 10);
  const { bar, bits } = kPlane;
  for (let z = 0; z < depth; ++z) {
    const columns = Float32Array.from({ length: width }, (_, x) => Math.sin(x / 37 + z / 5));
    let at_grain = (z * 77_777) % kNoiseTable;
    for (let y = 0; y < height; ++y) {
      const from = (z * height + y) * width;
      const row = Math.sin(y / 29 - z / 7);
      for (let x = 0; x < width; ++x) voxels[from + x] = 90 + 55 * columns[x] * row + grain[at_grain++ % kNoiseTable];
      if (y >= bar.bottom + 90) continue;
      voxels.fill(0, from, from + width);
      if (y >= bar.top && y < bar.bottom) voxels.fill(255, from + bar.left, from + bar.right);
      if (y >= bits.top && y < bits.bottom)
        for (let bit = 0; bit < bits.count; ++bit)
          if ((z >> bit) & 1) voxels.fill(255, from + bits.left + bit * bits.each, from + bits.left + (bit + 1) * bits.each);
    }
  }
  return voxels;
}

function volumeVoxels() {
  const [depth, height, width] = kVolume.size;
  const voxels = new Uint8Array(depth * height * width);
  const grain = noise(2, 6);
  for (let i = 0; i < voxels.length; ++i) voxels[i] = Math.max(0, 6 + grain[(i * 7) % kNoiseTable]);
  const ball = ([cz, cy, cx], radius, value) => {
    for (let z = Math.max(0, cz - radius); z < Math.min(depth, cz + radius); ++z)
      for (let y = Math.max(0, cy - radius); y < Math.min(height, cy + radius); ++y)
        for (let x = Math.max(0, cx - radius); x < Math.min(width, cx + radius); ++x)
          if ((z - cz) ** 2 + (y - cy) ** 2 + (x - cx) ** 2 < radius ** 2) voxels[(z * height + y) * width + x] = value + grain[(x * 31 + y * 17 + z) % kNoiseTable];
  };
  const next = random(3);
  const place = () => Math.floor(20 + next() * 120);
  for (let cell = 0; cell < 60; ++cell) ball([place(), place(), place()], Math.floor(5 + next() * 8), Math.floor(50 + next() * 70));
  ball(kVolume.ball.center, kVolume.ball.radius, 248);
  return voxels;
}

/** Halves each axis of `factors`, taking every second voxel. */
function halved(voxels, [depth, height, width], [fz, fy, fx]) {
  const size = [Math.ceil(depth / fz), Math.ceil(height / fy), Math.ceil(width / fx)];
  const out = new Uint8Array(size[0] * size[1] * size[2]);
  let at = 0;
  for (let z = 0; z < depth; z += fz)
    for (let y = 0; y < height; y += fy) for (let x = 0; x < width; x += fx) out[at++] = voxels[(z * height + y) * width + x];
  return { voxels: out, size };
}

function writeLevel(folder, voxels, size, chunk) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, ".zarray"),
    JSON.stringify({ zarr_format: 2, shape: size, chunks: chunk, dtype: "|u1", compressor: { id: "gzip", level: 1 }, fill_value: 0, order: "C", filters: null, dimension_separator: "." }),
  );
  const counts = size.map((length, axis) => Math.ceil(length / chunk[axis]));
  for (let cz = 0; cz < counts[0]; ++cz)
    for (let cy = 0; cy < counts[1]; ++cy)
      for (let cx = 0; cx < counts[2]; ++cx) {
        const out = new Uint8Array(chunk[0] * chunk[1] * chunk[2]);
        for (let z = 0; z < chunk[0] && cz * chunk[0] + z < size[0]; ++z)
          for (let y = 0; y < chunk[1] && cy * chunk[1] + y < size[1]; ++y) {
            const from = ((cz * chunk[0] + z) * size[1] + cy * chunk[1] + y) * size[2] + cx * chunk[2];
            const columns = Math.min(chunk[2], size[2] - cx * chunk[2]);
            out.set(voxels.subarray(from, from + columns), (z * chunk[1] + y) * chunk[2]);
          }
        writeFileSync(join(folder, `${cz}.${cy}.${cx}`), gzipSync(out, { level: 1 }));
      }
}

function writeImage(folder, name, voxels, size, chunk, factors, levels) {
  const datasets = [];
  const scale = [1, 1, 1];
  let level = { voxels, size };
  for (let i = 0; i < levels; ++i) {
    writeLevel(join(folder, String(i)), level.voxels, level.size, chunk);
    datasets.push({ path: String(i), coordinateTransformations: [{ type: "scale", scale: [...scale] }] });
    level = halved(level.voxels, level.size, factors);
    factors.forEach((factor, axis) => (scale[axis] *= factor));
  }
  const axes = ["z", "y", "x"].map((axis) => ({ name: axis, type: "space", unit: "micrometer" }));
  const channel = { label: name, color: "FFFFFF", active: true, window: { min: 0, max: 255, start: 0, end: 255 } };
  writeFileSync(join(folder, ".zgroup"), JSON.stringify({ zarr_format: 2 }));
  writeFileSync(join(folder, ".zattrs"), JSON.stringify({ multiscales: [{ version: "0.4", name, axes, datasets }], omero: { channels: [channel] } }));
  return folder;
}

export const writePlane = (folder) => writeImage(join(folder, "plane.ome.zarr"), "plane", planeVoxels(), kPlane.size, [1, 256, 256], [1, 2, 2], 3);
export const writeVolume = (folder) => writeImage(join(folder, "volume.ome.zarr"), "volume", volumeVoxels(), kVolume.size, [64, 64, 64], [2, 2, 2], 2);
