import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const installed = (name: string) => fileURLToPath(new URL(`./node_modules/${name}`, import.meta.url));
// The built package: what a program gets.
const client = fileURLToPath(new URL("./client/dist/index.js", import.meta.url));

// The end-to-end tests live beside the other whole-program tests and borrow this package's installation.
export default defineConfig({
  resolve: {
    alias: {
      "playwright-core": installed("playwright-core/index.mjs"),
      "puppeteer-core": installed("puppeteer-core/lib/esm/puppeteer/puppeteer-core.js"),
      ws: installed("ws/wrapper.mjs"),
      "@ndcast/client": client,
    },
  },
  server: { fs: { allow: [".."] } },
  test: {
    dir: "../tests/e2e",
    include: ["**/*.test.ts"],
    environment: "node",
    // Browser and server share the machine's cores: one file at a time.
    fileParallelism: false,
    // What is polled for comes within milliseconds; a machine that builds something else meanwhile takes longer.
    expect: { poll: { timeout: 15_000 } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
