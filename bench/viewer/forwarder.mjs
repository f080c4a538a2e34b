// A TCP door inside the client's network namespace: the page comes from http://127.0.0.1, a secure context, and what goes
// through may be held for a while each way. Prints the port that it listens on.
//
//   node forwarder.mjs HOST PORT HOLD_MS
//
// What is held is bounded by the link, which is before it; past kHeldBytes reading waits, so that the link feels it.

import { connect, createServer } from "node:net";

const [host, port, hold_text] = process.argv.slice(2);
const hold_ms = Number(hold_text);
const kHeldBytes = 4 << 20;

/** One direction: what was read leaves `hold_ms` later, in order. */
function pipe(from, to) {
  if (hold_ms === 0) {
    from.pipe(to);
    return;
  }
  let held = 0;
  const later = (act) => setTimeout(act, hold_ms);
  from.on("data", (bytes) => {
    held += bytes.length;
    if (held > kHeldBytes) from.pause();
    later(() => {
      held -= bytes.length;
      if (!to.destroyed) to.write(bytes);
      if (held <= kHeldBytes) from.resume();
    });
  });
  from.on("end", () => later(() => to.end()));
}

const server = createServer({ noDelay: true }, (inner) => {
  const outer = connect({ host, port: Number(port), noDelay: true });
  for (const [one, other] of [
    [inner, outer],
    [outer, inner],
  ]) {
    one.on("error", () => other.destroy());
    one.on("close", () => other.destroy());
    pipe(one, other);
  }
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.on("SIGTERM", () => process.exit(0));
// Who started it may have been killed.
process.stdin.on("end", () => process.exit(0)).resume();
