import type { Json } from "@ndcast/client";
import { describe, expect, test } from "vitest";
import { noteRecent, parentOf, readChoices, readPage, recentImages } from "./data_browser";

const folder = (name: string, zarr: { is_dataset: boolean; has_multiscales: boolean; dataset_children: string[] } | null, is_dir = true) => ({
  name,
  path: `/data/${name}`,
  is_dir,
  size: 0,
  mtime: 7,
  zarr_metadata: zarr,
});

describe("a folder", () => {
  test("shows images first, then folders, and no other files", () => {
    const page = readPage({
      path: "/data",
      has_more: true,
      next_cursor: "c",
      entries: [
        folder("raw", null),
        folder("a.zarr", { is_dataset: true, has_multiscales: true, dataset_children: [] }),
        folder("notes.txt", null, false),
        folder("b.zarr", { is_dataset: false, has_multiscales: false, dataset_children: ["0", "1"] }),
      ],
    });
    expect(page.entries.map(({ name, is_image }) => [name, is_image])).toEqual([
      ["a.zarr", true],
      ["raw", false],
      ["b.zarr", false],
    ]);
    expect(page.next_cursor).toBe("c");
    const none: Json[] = [null, 3, {}, { path: "/data" }];
    for (const bad of none) expect(() => readPage(bad)).toThrow("not a folder");
  });

  test("has one above it, up to the top", () => {
    expect(parentOf("/data/lab/")).toBe("/data");
    expect(parentOf("/data")).toBe(null);
    expect(parentOf("/")).toBe(null);
  });

  test("with several images names them", () => {
    expect(readChoices({ path: "/data/plate/", options: ["A/1", "A/2"] })).toEqual([
      { name: "A/1", path: "/data/plate/A/1" },
      { name: "A/2", path: "/data/plate/A/2" },
    ]);
    expect(readChoices(null)).toEqual([]);
  });
});

test("recent images: newest first, each once, a few", () => {
  const kept = new Map<string, string>();
  const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) } as unknown as Storage;
  for (const uri of ["a", "b", "c", "a", "d", "e", "f", "g"]) noteRecent(storage, uri);
  expect(recentImages(storage)).toEqual(["g", "f", "e", "d", "a", "c"]);
  kept.set("ndcast.recent", "{broken");
  expect(recentImages(storage)).toEqual([]);
  expect(recentImages(undefined)).toEqual([]);
});
