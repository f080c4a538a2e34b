// What `ndcast import` writes, read by zarrita: OME-Zarr 0.5 with shards, and 0.4, each level, each type, against the
// voxels that were imported.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as zarr from "zarrita";
import { FileSystemStore } from "@zarrita/storage";
import { ndcast_binary } from "./paths";

const kShape = [40, 150, 170];
const kVoxels = kShape.reduce((a, b) => a * b);

const kTypes = { uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array, float32: Float32Array, uint64: BigUint64Array } as const;

interface Multiscale {
  datasets: { path: string; coordinateTransformations: { scale?: number[]; translation?: number[] }[] }[];
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ndcast-import-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A smooth volume: written, and returned as its own bytes. */
function write_volume(dtype: keyof typeof kTypes): { path: string; bytes: Buffer } {
  const values = new kTypes[dtype](kVoxels);
  for (let i = 0; i < kVoxels; ++i) values[i] = dtype === "uint64" ? BigInt((i >> 4) * 3) : (i >> 4) % 251;
  const bytes = Buffer.from(values.buffer);
  const path = join(folder, `${dtype}.raw`);
  writeFileSync(path, bytes);
  return { path, bytes };
}

async function read_level(group: zarr.Group<FileSystemStore>, path: string) {
  const array = await zarr.open(group.resolve(path), { kind: "array" });
  const chunk = await zarr.get(array as zarr.Array<"uint16", FileSystemStore>);
  return { shape: array.shape, bytes: Buffer.from(chunk.data.buffer, chunk.data.byteOffset, chunk.data.byteLength) };
}

describe.each(["0.5", "0.4"])("OME-Zarr %s", (format) => {
  test.each(Object.keys(kTypes) as (keyof typeof kTypes)[])("%s is what was imported, in every level", async (dtype) => {
    const volume = write_volume(dtype);
    const image = join(folder, `${dtype}-${format}.ome.zarr`);
    execFileSync(ndcast_binary, ["import", "--quiet", volume.path, image, "--shape", kShape.join(","), "--dtype", dtype, "--axes", "zyx",
      "--format", format, "--chunk", "16,64,33", ...(format === "0.5" ? ["--shard", "32,128,66"] : [])]);
    const group = await zarr.open(new FileSystemStore(image), { kind: "group" });
    const attributes = group.attrs as { ome?: { multiscales: Multiscale[] }; multiscales?: Multiscale[] };
    const [multiscale] = (attributes.ome ?? attributes).multiscales!;
    const level = await read_level(group, multiscale!.datasets[0]!.path);
    expect(level.shape).toEqual(kShape);
    expect(level.bytes.equals(volume.bytes)).toBe(true);
    const info = JSON.parse(execFileSync(ndcast_binary, ["info", "--json", image], { encoding: "utf8" })) as { arrays: { path: string; shape: number[] }[] };
    for (const { path } of multiscale!.datasets) {
      expect((await read_level(group, path)).shape).toEqual(info.arrays.find((array) => array.path === path)!.shape);
    }
  });
});
