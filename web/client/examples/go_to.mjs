// Goes to a place along the axes and waits until the picture shows it, with every visible chunk.
//
//   node examples/go_to.mjs http://127.0.0.1:8787/?token=… z=12 t=3

import { connect, NdcastError } from "@ndcast/client";
import WebSocket from "ws";

const [link, ...places] = process.argv.slice(2);
if (link === undefined || places.length === 0) {
  console.error("usage: node examples/go_to.mjs LINK AXIS=INDEX…");
  process.exit(2);
}

try {
  const room = await connect(link, { name: "go_to.mjs", WebSocket });
  const began = performance.now();
  const applied = await Promise.all(
    places.map(async (place) => {
      const [axis, index] = place.split("=");
      return { axis, ...(await room.set("dims", axis, "index", Number(index))) };
    }),
  );
  const newest = Math.max(...applied.map(({ server_seq }) => server_seq));
  await room.waitUntil({ server_seq: newest });
  const where = applied.map(({ axis, value }) => `${axis}=${value}`).join(" ");
  console.log(`drawn at ${where} after ${Math.round(performance.now() - began)} ms, state ${newest}`);
  room.close();
} catch (error) {
  if (!(error instanceof NdcastError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exit(1);
}
