// Which picture shows an input, and whether its pixels say so too.

/** Of the inputs, the share whose picture's marks may be in doubt: a machine that stops for a moment splits or joins events. */
const kDoubtful = 0.03;
const kEdgeOffPx = 3;
const kPannedPx = 4;
const kTurnedPx = 0.7;

const shows = ({ scope, ack }) => (frame) => (scope === "camera" ? frame.camera_seq : frame.server_seq) >= ack.version;

/** Does the picture show something else than the one before, as its marks tell? */
function moved(gesture, mark, before) {
  if (mark === null || before === null) return false;
  if (gesture === "scrub") return mark.z !== before.z;
  if (gesture === "pan") return mark.edge !== null && before.edge !== null && Math.abs(mark.edge - before.edge) > kPannedPx;
  return Math.abs(mark.x - before.x) > kTurnedPx;
}

/** A picture's own words against its pixels; null: they agree. */
function doubt(gesture, { frame, send }) {
  const { mark } = frame;
  if (mark === null) return "no marks are seen";
  if (gesture === "pan" && (mark.edge === null || Math.abs(mark.edge - mark.expected) > kEdgeOffPx)) return `the bar is at ${mark.edge} px, its pose says ${mark.expected}`;
  if (gesture === "scrub" && frame.server_seq === send.ack.version && mark.z !== send.ack.value) return `plane ${mark.z} is seen, expected ${send.ack.value}`;
  return null;
}

/** With inputs apart the marks move in the very picture that its frame names, and in none before it. */
function doubtApart(gesture, frames, { frame, send }, before_it) {
  const at = frames.indexOf(frame);
  // A slow moment draws the picture of the input before only after this one.
  const first = Math.max(frames.findIndex((each) => each.drawn_ms > send.inputs.at(-1)), before_it + 1);
  const before = frames[first - 1];
  if (before === undefined || first > at) return null;
  if (!moved(gesture, frame.mark, before.mark)) return `the marks stand still: ${JSON.stringify([before.mark, frame.mark])}`;
  const early = frames.slice(first, at).find((each) => moved(gesture, each.mark, before.mark));
  return early === undefined ? null : `the marks had moved ${at - frames.indexOf(early)} pictures before`;
}

/**
 * `notes` of the probe → for each input the picture that shows it and how long after the input it was drawn.
 * @throws when pixels and frames disagree: then no time is worth anything
 */
export function judgeInputs(notes, gesture, { apart }) {
  const { sends, frames } = notes;
  const judged = [];
  const doubts = [];
  let before_it = -1;
  for (const send of sends) {
    if (send.ack === null) continue;
    const frame = frames.find(shows(send));
    if (frame === undefined) continue;
    const found = { send, frame };
    const wrong = doubt(gesture, found) ?? (apart ? doubtApart(gesture, frames, found, before_it) : null);
    before_it = frames.indexOf(frame);
    if (wrong !== null) doubts.push(wrong);
    for (const input of apart ? send.inputs.slice(-1) : send.inputs) judged.push({ ...found, drawn_after_ms: frame.drawn_ms - input });
  }
  if (judged.length < 10) throw new Error(`${gesture}: of ${sends.length} inputs ${judged.length} were drawn, expected 10 at least`);
  if (doubts.length > Math.max(1, kDoubtful * judged.length)) throw new Error(`${gesture}: ${doubts.length} of ${judged.length} pictures are not what their frames say: ${doubts.slice(0, 5).join("; ")}`);
  return { judged, notes };
}
