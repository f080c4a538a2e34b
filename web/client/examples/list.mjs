// What there is in a room: its image, axes, layers, and every register with its version and author.
//
//   node examples/list.mjs http://127.0.0.1:8787/?token=…  [SCOPE]

import { connect } from "@ndcast/client";
import WebSocket from "ws";

const [link, scope] = process.argv.slice(2);
if (link === undefined) {
  console.error("usage: node examples/list.mjs LINK [SCOPE]");
  process.exit(2);
}

const room = await connect(link, { name: "list.mjs", WebSocket }).catch((error) => {
  console.error(`${error.code}: ${error.message}`);
  process.exit(1);
});
const source = room.get("scene", "main", "source");
console.log(`${source?.name ?? "no image"} (${source?.status ?? "?"}), state ${room.serverSeq}, as ${room.welcome?.role}`);

const rows = [...room.registers({ scope })].map(({ scope, target, key, value, version, actor }) => ({
  name: `${scope} ${target} ${key}`,
  value: JSON.stringify(value),
  by: actor ? `${version} by ${actor}` : String(version),
}));
rows.sort((a, b) => a.name.localeCompare(b.name));
const width = Math.max(...rows.map((row) => row.name.length));
for (const { name, value, by } of rows) {
  console.log(`${name.padEnd(width)}  ${value.length > 80 ? `${value.slice(0, 79)}…` : value}  (${by})`);
}
room.close();
