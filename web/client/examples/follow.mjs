// Who changes what in a room, line by line, until Ctrl-C; goes on through lost connections.
//
//   node examples/follow.mjs http://127.0.0.1:8787/?token=…  [SCOPE]

import { connect } from "@ndcast/client";
import WebSocket from "ws";

const [link, scope] = process.argv.slice(2);
if (link === undefined) {
  console.error("usage: node examples/follow.mjs LINK [SCOPE]");
  process.exit(2);
}

const room = await connect(link, { name: "follow.mjs", WebSocket }).catch((error) => {
  console.error(`${error.code}: ${error.message}`);
  process.exit(1);
});
process.on("SIGINT", () => room.close());
room.on("status", (status) => {
  if (status.phase === "waiting") console.error(`connection lost: ${status.cause.message}`);
  if (status.phase === "live") console.error("connected again");
});
room.on("state", ({ fresh }) => {
  if (fresh) console.error("the server came back with another history");
});

console.error(`following ${room.welcome?.room} from state ${room.serverSeq}`);
for await (const { scope: changed, target, key, value, version, actor, origin, gone } of room.changes({ scope })) {
  console.log(`${version} ${actor || origin}: ${changed} ${target} ${key} ${gone ? "removed" : JSON.stringify(value)}`);
}
