// The keyboard outside of fields. Sliders keep their own arrows.

import type { CameraSink } from "../view/gestures";
import type { Room } from "./room.svelte";

const kZoomPerPress = 1.2;
/** Of the picture's shorter side. */
const kPanPerPress = 0.1;
const kOrbitDegPerPress = 5;

export interface PageVerbs {
  camera: CameraSink;
  open: () => void;
  goTo: () => void;
  statistics: () => void;
  help: () => void;
  panel: () => void;
}

export function handleKey(event: KeyboardEvent, room: Room, page: PageVerbs): void {
  const target = event.target;
  if (event.altKey || event.defaultPrevented || keepsKeys(target)) return;
  if (event.ctrlKey || event.metaKey) {
    const letter = event.key.toLowerCase();
    if (letter === "o" && room.may("layer")) {
      event.preventDefault();
      page.open();
      return;
    }
    const redo = letter === "y" || (letter === "z" && event.shiftKey);
    if ((!redo && letter !== "z") || !room.may("dims")) return;
    event.preventDefault();
    void room.undo(redo ? "redo" : "undo");
    return;
  }
  const in_slider = target instanceof HTMLInputElement;
  const moves_camera = event.shiftKey && event.key.startsWith("Arrow") && !in_slider;
  const verb = moves_camera ? cameraVerb(event.key, room, page) : verbFor(keyOf(event), room, page, in_slider, target instanceof HTMLButtonElement);
  if (verb === undefined) return;
  event.preventDefault();
  verb();
}

/** Letters as Shift makes them, whatever Caps Lock does. */
function keyOf({ key, shiftKey }: KeyboardEvent): string {
  if (!/^[a-z]$/i.test(key)) return key;
  return shiftKey ? key.toUpperCase() : key.toLowerCase();
}

/** What Escape closes; the tip that tells whose hand was on a control goes by itself. */
const kClosable = ":popover-open:not(.touch-tip), dialog[open]";
const kLetterless = ["range", "checkbox", "radio", "color"];

/** Fields that letters are typed into, and dialogs, which lie over everything. */
function keepsKeys(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  if (target instanceof HTMLInputElement && !kLetterless.includes(target.type)) return true;
  return target instanceof HTMLSelectElement || target.closest("dialog") !== null;
}

/** The eye goes where the arrow points: over a slice, or around a volume. */
function cameraVerb(key: string, room: Room, page: PageVerbs): () => void {
  const right = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
  const up = key === "ArrowUp" ? 1 : key === "ArrowDown" ? -1 : 0;
  if (room.ndisplay === 3) return () => void page.camera.orbit(right * kOrbitDegPerPress, up * kOrbitDegPerPress);
  const { width, height } = room.canvas();
  const length = Math.min(width, height) * kPanPerPress;
  return () => void page.camera.pan(-right * length, -up * length);
}

function verbFor(key: string, room: Room, page: PageVerbs, in_slider: boolean, on_button: boolean): (() => void) | undefined {
  const { width, height } = room.canvas();
  const centre: [number, number] = [width / 2, height / 2];
  if (!in_slider) {
    if (key === "ArrowLeft") return () => room.stepActive(-1);
    if (key === "ArrowRight") return () => room.stepActive(1);
    if (key === "ArrowUp") return () => room.activateNext(-1);
    if (key === "ArrowDown") return () => room.activateNext(1);
    if (key === "PageUp") return () => room.stepActive(10);
    if (key === "PageDown") return () => room.stepActive(-10);
  }
  if (key === "+" || key === "=") return () => void page.camera.zoom(1 / kZoomPerPress, centre);
  if (key === "-") return () => void page.camera.zoom(kZoomPerPress, centre);
  if (key === " " && !on_button && !in_slider) return () => room.togglePlayActive();
  if (key === "o") return () => room.togglePerspective();
  if (key === "v") return () => room.setMode(room.ndisplay === 2 ? 3 : 2);
  if (key === "e") return () => room.nextPlane();
  if (key === "t") return () => room.transpose();
  if (key === "g" && room.may("camera")) return page.goTo;
  if (key === "r") return () => room.resetCamera();
  if (key === "l") return page.panel;
  if (key === "L") return () => room.measure.arm("line");
  if (key === "R") return () => room.measure.arm("rectangle");
  if (key === "Escape" && room.measure.busy && document.querySelector(kClosable) === null) return () => room.measure.escape();
  if (key === "i") return page.statistics;
  if (key === "?") return page.help;
  if (/^[1-9]$/.test(key)) {
    const id = room.layers[Number(key) - 1];
    if (id !== undefined) return () => room.set("layer", id, "visible", room.get("layer", id, "visible") === false);
  }
  return undefined;
}
