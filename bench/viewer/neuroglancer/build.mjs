// Bundles the page for bench/stream.mjs: node build.mjs PEER_FOLDER, where tools/bench_peers.sh installed neuroglancer and
// vite; the result is PEER_FOLDER/dist. Only what shows an image from zarr over HTTP is built in: the least that
// neuroglancer's users have to load.

import { cpSync, existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const peer = resolve(process.argv[2]);
const { build } = await import(pathToFileURL(join(peer, "node_modules/vite/dist/node/index.js")).href);
const root = join(peer, "page");
for (const file of ["index.html", "page.js"]) cpSync(join(here, file), join(root, file));
const conditions = [
  "neuroglancer/datasource:none_by_default",
  "neuroglancer/datasource/zarr:enabled",
  "neuroglancer/kvstore:none_by_default",
  "neuroglancer/kvstore/http:enabled",
  "neuroglancer/layer:none_by_default",
  "neuroglancer/layer/image:enabled",
];
// neuroglancer names a commit of ikonate on GitHub; the registry's lacks a few of its icons.
const icons = {
  name: "icons",
  enforce: "pre",
  resolveId(id) {
    const icon = /^ikonate\/icons\/(.+\.svg)\?raw$/.exec(id)?.[1];
    if (icon === undefined) return null;
    const file = join(peer, "node_modules/ikonate/icons", icon);
    return `${existsSync(file) ? file : join(peer, "node_modules/ikonate/icons/close.svg")}?raw`;
  },
};
await build({
  root,
  base: "./",
  logLevel: "warn",
  resolve: { conditions: [...conditions, "module", "browser", "production"] },
  plugins: [icons],
  worker: { format: "es" },
  build: { outDir: join(peer, "dist"), emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 8192 },
});
