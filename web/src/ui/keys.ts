// The keyboard outside of fields. Sliders keep their own arrows.

import type { CameraSink } from "../view/gestures";
import type { Room } from "./room.svelte";

const kZoomPerPress = 1.2;

export interface PageVerbs {
  camera: CameraSink;
  open: () => void;
  goTo: () => void;
  statistics: () => void;
  help: () => void;
  panel: () => void;
}

export function handleKey(event: KeyboardEvent, room: Room, page: PageVerbs): void {
  if (event.altKey || event.defaultPrevented) return;
  const target = event.target;
  if (event.ctrlKey || event.metaKey) {
    if (target instanceof HTMLInputElement && target.type !== "range") return;  // a field has its own
    if (event.key === "o" && room.may("layer")) {
      event.preventDefault();
      page.open();
      return;
    }
    const redo = event.key === "y" || event.key === "Z";
    if ((!redo && event.key !== "z") || !room.may("dims")) return;
    event.preventDefault();
    void room.undo(redo ? "redo" : "undo");
    return;
  }
  if (target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type === "number")) return;
  const in_slider = target instanceof HTMLInputElement;
  const verb = verbFor(event.key, room, page, in_slider, target instanceof HTMLButtonElement);
  if (verb === undefined) return;
  event.preventDefault();
  verb();
}

function verbFor(key: string, room: Room, page: PageVerbs, in_slider: boolean, on_button: boolean): (() => void) | undefined {
  const { width, height } = room.canvas();
  const centre: [number, number] = [width / 2, height / 2];
  if (!in_slider) {
    if (key === "ArrowLeft") return () => room.stepFirstHidden(-1);
    if (key === "ArrowRight") return () => room.stepFirstHidden(1);
    if (key === "PageUp") return () => room.stepFirstHidden(10);
    if (key === "PageDown") return () => room.stepFirstHidden(-10);
  }
  if (key === "+" || key === "=") return () => void page.camera.zoom(1 / kZoomPerPress, centre);
  if (key === "-") return () => void page.camera.zoom(kZoomPerPress, centre);
  if (key === " " && !on_button && !in_slider) return () => room.togglePlayFirstHidden();
  if (key === "o") return () => room.togglePerspective();
  if (key === "v") return () => room.setMode(room.ndisplay === 2 ? 3 : 2);
  if (key === "e") return () => room.nextPlane();
  if (key === "t") return () => room.transpose();
  if (key === "g" && room.may("camera")) return page.goTo;
  if (key === "r") return () => room.resetCamera();
  if (key === "l") return page.panel;
  if (key === "i") return page.statistics;
  if (key === "?") return page.help;
  if (/^[1-9]$/.test(key)) {
    const id = room.layers[Number(key) - 1];
    if (id !== undefined) return () => room.set("layer", id, "visible", room.get("layer", id, "visible") === false);
  }
  return undefined;
}
