// Files as a plain web server gives them: byte ranges, text compressed, nothing else.
//
//   const port = await serveFiles(address, { "/data/": folder, "/": page_folder });

import { createReadStream, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { gzipSync } from "node:zlib";
import { atEnd } from "./harness.mjs";

const kTypes = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml" };
const compressed = new Map();

function send(request, response, file) {
  const { size } = statSync(file);
  const type = kTypes[extname(file)];
  if (type !== undefined) {
    if (!compressed.has(file)) compressed.set(file, gzipSync(readFileSync(file), { level: 9 }));
    const body = compressed.get(file);
    response.writeHead(200, { "content-type": type, "content-encoding": "gzip", "content-length": body.length });
    response.end(body);
    return;
  }
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const first = range === null ? 0 : Number(range[1]);
  const last = range === null || range[2] === "" ? size - 1 : Math.min(size - 1, Number(range[2]));
  const headers = { "content-type": "application/octet-stream", "content-length": last - first + 1, "accept-ranges": "bytes" };
  if (range !== null) headers["content-range"] = `bytes ${first}-${last}/${size}`;
  response.writeHead(range === null ? 200 : 206, headers);
  if (request.method === "HEAD" || size === 0) response.end();
  else createReadStream(file, { start: first, end: last }).pipe(response);
}

export function serveFiles(address, folders) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
    const [prefix, folder] = Object.entries(folders).find(([each]) => path.startsWith(each)) ?? [];
    try {
      if (folder === undefined) throw new Error("not here");
      const rest = normalize(`/${path.slice(prefix.length)}`);
      send(request, response, join(folder, rest === "/" ? "index.html" : rest));
    } catch {
      response.writeHead(404).end();
    }
  });
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return new Promise((resolve) => server.listen(0, address, () => resolve(server.address().port)));
}
