// neuroglancer as its own default page sets it up, and when its picture came: `window.__pictures` in ms since the
// navigation began. A picture is there once a hundredth of what it draws on is not the background's.

import "neuroglancer";
import { setupDefaultViewer } from "neuroglancer/unstable/ui/default_viewer_setup.js";

const viewer = setupDefaultViewer();
const pictures = (window.__pictures = { first_ms: null, complete_ms: null });

function drawnShare() {
  const { gl } = viewer.display;
  const [width, height] = [gl.drawingBufferWidth, gl.drawingBufferHeight];
  const rgba = new Uint8Array(width * height * 4);
  gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, rgba);
  let drawn = 0;
  let seen = 0;
  for (let i = 0; i < rgba.length; i += 4 * 37) {
    seen += 1;
    if (rgba[i] + rgba[i + 1] + rgba[i + 2] > 12) drawn += 1;
  }
  return drawn / seen;
}

viewer.display.updateFinished.add(() => {
  if (pictures.complete_ms !== null) return;
  const now = performance.now();
  const share = drawnShare();
  if (share > 0.01) pictures.first_ms ??= now;
  if (pictures.first_ms !== null && viewer.isReady()) pictures.complete_ms = now;
});
