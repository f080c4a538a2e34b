// Inside the viewer's page: notes each input, each message that it became, each ack, each picture as it is drawn, and what
// the marks in the drawn canvas say. Nothing of the page is replaced; what it calls is looked at on the way.
//
//   await installProbe(context, "plane" | "volume" | "none");   …   const { sends, frames, predictions, sharp } = await probed(page);
//
// `sharp`: when the canvas came to hold every pixel as it was rendered.

import { kPlane } from "./marker_image.mjs";

/** Runs in the page before any of its own code. */
function probe({ marker, plane }) {
  const notes = { inputs: [], sends: [], acks: {}, frames: [], predictions: [], sharp: [], samples: [] };
  window.__bench = notes;
  let waiting = [];

  for (const type of ["pointermove", "keydown", "wheel"])
    addEventListener(
      type,
      (event) => {
        if (type === "pointermove" && event.buttons === 0) return;
        waiting.push(event.timeStamp);
        notes.inputs.push(event.timeStamp);
        awaitPrediction(event.timeStamp);
      },
      { capture: true },
    );

  // What is shown at once: the canvas' place, looked at in the frame callback that follows the input.
  function awaitPrediction(since) {
    const canvas = window.ndcast?.canvas;
    if (canvas === undefined || !notes.predicts) return;
    const before = notes.transform;
    const look = () => {
      if (canvas.style.transform !== before) notes.predictions.push(performance.now() - since);
      else if (performance.now() - since < 500) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }
  let was_sharp = false;
  const follow = () => {
    notes.transform = window.ndcast?.canvas.style.transform;
    const is_sharp = window.ndcast?.video.lossless === true;
    if (is_sharp && !was_sharp) notes.sharp.push(performance.now());
    was_sharp = is_sharp;
    setTimeout(() => requestAnimationFrame(follow));
  };
  requestAnimationFrame(follow);

  /** Which plane the page had asked for, by the version from which it holds. */
  const planes = [];
  const of_plane = new Set();
  const planeAt = (version) => planes.findLast((each) => each.version <= version)?.z ?? null;
  const Plain = WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", ({ data }) => {
        if (typeof data !== "string" || !data.includes('"ack.state"')) return;
        const { payload } = JSON.parse(data);
        notes.acks[payload.in_reply_to] = { version: payload.version, value: payload.applied_value };
        if (of_plane.delete(payload.in_reply_to)) planes.push({ version: payload.version, z: payload.applied_value });
      });
    }
    send(data) {
      if (typeof data === "string" && data.includes('"state.update"')) {
        const frame = JSON.parse(data);
        const { scope, target, key } = frame.payload;
        if (scope === "dims" && target === "z" && key === "index") of_plane.add(frame.frame_id);
        if (key !== "canvas" && waiting.length > 0) {
          notes.sends.push({ id: frame.frame_id, scope, key, inputs: waiting, sent_ms: performance.now() });
          waiting = [];
        }
      }
      super.send(data);
    }
  };

  /** Where the row crosses half grey upwards first, canvas pixels; null: nowhere. */
  function risingEdge(context, y, width) {
    const { data } = context.getImageData(0, Math.round(y), width, 1);
    for (let x = 1; x < width; ++x) {
      const [a, b] = [data[4 * (x - 1) + 1], data[4 * x + 1]];
      if (a < 128 && b >= 128) return x - 1 + (128 - a) / (b - a) + 0.5;
    }
    return null;
  }

  function readPlane(context, { width, height, pose }) {
    if (pose.mode !== 2) return null;
    const x_px = (x) => ((x - 0.5 - pose.left) / pose.width) * width;
    const y_px = (y) => ((y - 0.5 - pose.bottom) / pose.height) * height;
    const { bar, bits } = plane;
    let z = 0;
    const y = Math.round(y_px((bits.top + bits.bottom) / 2));
    for (let bit = 0; bit < bits.count; ++bit) {
      const x = Math.round(x_px(bits.left + (bit + 0.5) * bits.each));
      if (x < 0 || y < 0 || x >= width || y >= height) return null;
      if (context.getImageData(x, y, 1, 1).data[1] >= 128) z |= 1 << bit;
    }
    const edge = risingEdge(context, y_px((bar.top + bar.bottom) / 2), width);
    return { z, edge, expected: x_px(bar.left) };
  }

  function readVolume(context, { width, height }) {
    const rows = Math.floor(height / 3);
    const { data } = context.getImageData(0, rows, width, rows);
    let [sum, count] = [0, 0];
    for (let y = 0; y < rows; y += 4)
      for (let x = 0; x < width; x += 4)
        if (data[4 * (y * width + x) + 1] > 200) {
          sum += x;
          count += 1;
        }
    return count < 4 ? null : { x: sum / count };
  }

  // An answer may be here only after the picture that shows it.
  notes.samplesWithPlanes = () => notes.samples.map((each) => ({ ...each, z: planeAt(each.server_seq) }));

  /** The picture as it is seen, kept for later: at most so many, and so far apart. */
  let sampled_ms = -Infinity;
  function sample(canvas, frame, drawn_ms) {
    if (notes.sample === undefined || notes.samples.length >= notes.sample.most || drawn_ms - sampled_ms < notes.sample.apart_ms) return;
    sampled_ms = drawn_ms;
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    copy.getContext("2d", { alpha: false }).drawImage(canvas, 0, 0);
    notes.samples.push({ copy, pose: frame.pose, server_seq: frame.server_seq, during: notes.sample.during });
  }

  /** Of the picture, the share that is not black. */
  function litShare(context, { width, height }) {
    const { data } = context.getImageData(0, 0, width, height);
    let [lit, seen] = [0, 0];
    for (let i = 0; i < data.length; i += 4 * 37) {
      seen += 1;
      if (data[i] + data[i + 1] + data[i + 2] > 12) lit += 1;
    }
    return lit / seen;
  }

  let last_seq = -1;
  const draw = CanvasRenderingContext2D.prototype.drawImage;
  CanvasRenderingContext2D.prototype.drawImage = function (...args) {
    draw.apply(this, args);
    const drawn_ms = performance.now();
    // The player says what it has drawn when its frame callback is over.
    queueMicrotask(() => {
      const frame = window.ndcast?.canvas === this.canvas ? window.ndcast.lastFrame : null;
      if (frame === null || frame.seq === last_seq) return;
      last_seq = frame.seq;
      const mark = marker === "plane" ? readPlane(this, frame) : marker === "volume" ? readVolume(this, frame) : null;
      notes.first_ms ??= litShare(this, frame) > 0.01 ? drawn_ms : undefined;
      notes.frames.push({ ...frame, drawn_ms, mark });
      sample(this.canvas, frame, drawn_ms);
    });
  };
}

export function installProbe(context, marker) {
  return context.addInitScript(probe, { marker, plane: kPlane });
}

/** What was noted since the last time. */
export async function probed(page) {
  return page.evaluate(() => {
    const { inputs, sends, acks, frames, predictions, sharp } = window.__bench;
    Object.assign(window.__bench, { inputs: [], sends: [], acks: {}, frames: [], predictions: [], sharp: [] });
    return { inputs, sends: sends.map((send) => ({ ...send, ack: acks[send.id] ?? null })), frames, predictions, sharp };
  });
}
