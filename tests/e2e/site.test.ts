// The built viewer as a set of files: small, and asking nobody else for anything.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { web_dist } from "./paths";

const kCompressedMax = 150_000;

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

test("compressed, it stays below 150 kB", () => {
  const bytes = files(web_dist).reduce((sum, path) => sum + gzipSync(readFileSync(path)).length, 0);
  console.log(`web/dist: ${bytes} bytes compressed`);
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThan(kCompressedMax);
});

test("no address of another host, and none from the root", () => {
  // Namespaces are names, not addresses; the others stand in texts of Svelte's errors.
  const harmless = /^https?:\/\/(www\.w3\.org\/|svelte\.dev\/e\/|localhost)/;
  for (const path of files(web_dist)) {
    const text = readFileSync(path, "utf8");
    const foreign = [...text.matchAll(/https?:\/\/[\w.-]+[^\s"'`)]*/g)].map(([address]) => address).filter((address) => !harmless.test(address));
    expect(foreign, relative(web_dist, path)).toEqual([]);
    if (path.endsWith(".html")) expect([...text.matchAll(/(?:src|href)="(\/[^"]*)"/g)]).toEqual([]);
  }
});
