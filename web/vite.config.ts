import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// The viewer is served by the ndcast binary below any --base-url, so every address in the output is relative.
export default defineConfig({
  base: "./",
  plugins: [svelte()],
  build: { target: "es2022", outDir: "dist", emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  worker: { format: "es" },
});
