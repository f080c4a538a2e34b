import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

const client = fileURLToPath(new URL("./client/src/index.ts", import.meta.url));

// The viewer is served by the ndcast binary below any --base-url, so every address in the output is relative.
export default defineConfig({
  base: "./",
  // From its sources: the viewer and the package are built, checked and released together.
  resolve: { alias: { "@ndcast/client": client } },
  plugins: [svelte()],
  build: { target: "es2022", outDir: "dist", emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  worker: { format: "es" },
});
