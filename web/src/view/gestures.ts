// Fingers, mouse and wheel on the picture → camera movements.
//
//   drag        2D: pan                      3D: orbit (with shift, right or middle button: pan)
//   wheel       zoom at the cursor           two fingers: pan and zoom
//   shift+wheel or alt+wheel: step through the active axis
//   click, or a finger that does not move: told as a tap
//
// What lies over the picture (messages, panels) keeps its pointers to itself; what belongs to the picture is marked data-overlay.
//
//   const stop = attachGestures(stage, { mode, place, picture, sink: room.client.camera, step });
//
// Deltas go to the sink, which folds and paces them; no pose is computed here, only the render thread makes poses.

import { pxDelta, pxFromCss, type Placement, type Size } from "./coordinates";
import { wheelPx, WheelSteps } from "./wheel";

export interface CameraSink {
  pan(dx_px: number, dy_px: number): unknown;
  orbit(d_az_deg: number, d_el_deg: number): unknown;
  zoom(factor: number, anchor_px: [number, number]): unknown;
}

export interface GestureOptions {
  mode: () => 2 | 3;
  place: () => Placement;
  picture: () => Size;
  sink: CameraSink;
  step: (delta: number) => void;
  onHover: (point_px: [number, number] | null) => void;
  onDragging: (dragging: boolean) => void;
  onTap?: (point_px: [number, number]) => void;
}

/** Half a turn for a drag across 600 CSS pixels: far enough for a good look, slow enough to aim. */
const kOrbitDegPerCss = 0.3;
/** One notch of a mouse wheel reports 100–120 px: about 1.17 × a notch. */
const kZoomPerWheelPx = 0.0014;
/** A hand that clicks trembles by so much. */
const kTapCss = 4;

export function attachGestures(stage: HTMLElement, options: GestureOptions): () => void {
  const fingers = new Map<number, { x: number; y: number }>();
  let panning = false;
  const steps = new WheelSteps();
  /** Where the only finger came down, while it may still be a tap. */
  let tap: { x: number; y: number } | null = null;

  const pointOf = (event: { clientX: number; clientY: number }): { x: number; y: number } => {
    const box = stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  const onPicture = ({ target }: Event) =>
    target === stage || target instanceof HTMLCanvasElement || (target instanceof Element && target.closest("[data-overlay]") !== null);
  /** Null beside the picture. */
  function canvasPoint({ x, y }: { x: number; y: number }): [number, number] | null {
    const { left, top, width, height } = options.place();
    return x < left || y < top || x > left + width || y > top + height ? null : pxFromCss(x, y, options.place(), options.picture());
  }

  function down(event: PointerEvent): void {
    if (!onPicture(event) || (event.target as Element).closest("button, input, select, a") !== null) return;
    fingers.set(event.pointerId, pointOf(event));
    tap = fingers.size === 1 && event.button === 0 && !event.shiftKey && !event.ctrlKey && !event.altKey ? pointOf(event) : null;
    panning = event.shiftKey || event.button === 1 || event.button === 2;
    stage.setPointerCapture(event.pointerId);
    stage.focus({ preventScroll: true });
    options.onDragging(true);
    if (event.button === 1) event.preventDefault();
  }

  function move(event: PointerEvent): void {
    const point = pointOf(event);
    options.onHover(onPicture(event) ? canvasPoint(point) : null);
    const before = fingers.get(event.pointerId);
    if (before === undefined) return;
    fingers.set(event.pointerId, point);
    if (tap !== null && Math.hypot(point.x - tap.x, point.y - tap.y) > kTapCss) tap = null;
    if (fingers.size === 2) pinch(event.pointerId, before, point);
    else drag(point.x - before.x, point.y - before.y);
  }

  function drag(dx: number, dy: number): void {
    if (dx === 0 && dy === 0) return;
    if (options.mode() === 3 && !panning) options.sink.orbit(-dx * kOrbitDegPerCss, dy * kOrbitDegPerCss);
    else options.sink.pan(...pxDelta(dx, dy, options.place()));
  }

  function pinch(id: number, before: { x: number; y: number }, after: { x: number; y: number }): void {
    const other = [...fingers].find(([key]) => key !== id)?.[1];
    if (other === undefined) return;
    const gap = (p: { x: number; y: number }) => Math.max(10, Math.hypot(p.x - other.x, p.y - other.y));
    const place = options.place();
    options.sink.pan(...pxDelta((after.x - before.x) / 2, (after.y - before.y) / 2, place));
    options.sink.zoom(gap(before) / gap(after), pxFromCss((after.x + other.x) / 2, (after.y + other.y) / 2, place, options.picture()));
  }

  function up(event: PointerEvent): void {
    if (!fingers.delete(event.pointerId)) return;
    if (fingers.size === 0) options.onDragging(false);
    const tapped = tap === null || event.type !== "pointerup" ? null : canvasPoint(tap);
    if (tapped !== null) options.onTap?.(tapped);
    tap = null;
  }

  function wheel(event: WheelEvent): void {
    event.preventDefault();
    if (event.shiftKey || event.altKey) {
      const whole = steps.add(event);
      if (whole !== 0) options.step(whole);
      return;
    }
    const point = pointOf(event);
    // A pinch on a touch pad arrives as ctrl+wheel with small deltas.
    const factor = Math.exp(wheelPx(event) * kZoomPerWheelPx * (event.ctrlKey ? 6 : 1));
    options.sink.zoom(factor, pxFromCss(point.x, point.y, options.place(), options.picture()));
  }

  const leave = () => options.onHover(null);
  const noMenu = (event: Event) => event.preventDefault();
  stage.addEventListener("pointerdown", down);
  stage.addEventListener("pointermove", move);
  stage.addEventListener("pointerup", up);
  stage.addEventListener("pointercancel", up);
  stage.addEventListener("pointerleave", leave);
  stage.addEventListener("wheel", wheel, { passive: false });
  stage.addEventListener("contextmenu", noMenu);
  return () => {
    stage.removeEventListener("pointerdown", down);
    stage.removeEventListener("pointermove", move);
    stage.removeEventListener("pointerup", up);
    stage.removeEventListener("pointercancel", up);
    stage.removeEventListener("pointerleave", leave);
    stage.removeEventListener("wheel", wheel);
    stage.removeEventListener("contextmenu", noMenu);
  };
}
