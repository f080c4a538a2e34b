// Where things are on the stage. Three spaces:
//
//   css      CSS pixels of the stage, origin top-left, y down (pointer events)
//   px       canvas pixels = the coded picture, origin bottom-left, y up (the wire's anchors and deltas)
//   world    world units of the displayed axes; rows of a 2D picture grow downwards, so rect[1] is the top row's
//
// The picture keeps its aspect inside the stage (object-fit: contain), with bars where the shapes differ.

export interface Size {
  width: number;
  height: number;
}

/** The picture's place on the stage, CSS pixels. */
export interface Placement extends Size {
  left: number;
  top: number;
  /** CSS pixels per canvas pixel. */
  css_per_px: number;
}

/** [left, top row, width, height] of the picture in world units. */
export type WorldRect = [number, number, number, number];

export function placePicture(stage: Size, picture: Size): Placement {
  if (picture.width <= 0 || picture.height <= 0) return { left: 0, top: 0, width: 0, height: 0, css_per_px: 1 };
  const css_per_px = Math.min(stage.width / picture.width, stage.height / picture.height);
  const width = picture.width * css_per_px;
  const height = picture.height * css_per_px;
  return { left: (stage.width - width) / 2, top: (stage.height - height) / 2, width, height, css_per_px };
}

/** Canvas pixels under a CSS point of the stage; outside the picture the nearest edge. */
export function pxFromCss(x: number, y: number, place: Placement, picture: Size): [number, number] {
  const x_px = (x - place.left) / place.css_per_px;
  const y_px = picture.height - (y - place.top) / place.css_per_px;
  return [clamp(x_px, 0, picture.width), clamp(y_px, 0, picture.height)];
}

/** A movement of the finger in canvas pixels; up is positive. */
export function pxDelta(dx_css: number, dy_css: number, place: Placement): [number, number] {
  return [dx_css / place.css_per_px, -dy_css / place.css_per_px];
}

/** World position (x along columns, y along rows) of a canvas point in a 2D picture. */
export function worldFromPx(x_px: number, y_px: number, rect: WorldRect, picture: Size): [number, number] {
  const [left, top, width, height] = rect;
  return [left + (x_px / picture.width) * width, top + (1 - y_px / picture.height) * height];
}

/**
 * The canvas to ask for: the stage's device pixels, even (4:2:0 chroma), within the server's bounds and at most
 * `max_pixels` in all, so that a software-encoded stream stays fluid on a very dense display.
 */
export function canvasFor(stage: Size, dpr: number, bounds: { min: number; max: Size; max_pixels: number }): Size {
  const wanted = { width: stage.width * dpr, height: stage.height * dpr };
  const shrink = Math.min(
    1,
    bounds.max.width / wanted.width,
    bounds.max.height / wanted.height,
    Math.sqrt(bounds.max_pixels / (wanted.width * wanted.height)),
  );
  const even = (value: number) => Math.max(bounds.min, 2 * Math.floor((value * shrink) / 2));
  return { width: even(wanted.width), height: even(wanted.height) };
}

export interface ScaleBar {
  /** World units, one of 1, 2 or 5 × a power of ten. */
  length: number;
  css: number;
}

/** The longest round length that fits `max_css`. */
export function scaleBar(world_per_css: number, max_css: number): ScaleBar | null {
  const longest = world_per_css * max_css;
  if (!Number.isFinite(longest) || longest <= 0) return null;
  const power = 10 ** Math.floor(Math.log10(longest));
  const digit = [5, 2, 1].find((d) => d * power <= longest * (1 + 1e-9)) ?? 1;
  return { length: digit * power, css: (digit * power) / world_per_css };
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** World units that a 3D picture is high where its centre lies; without a field of view the camera is orthographic and shows what one of 60 degrees does. */
export function heightAtCenter(pose: { distance: number; fov: number }): number {
  return 2 * pose.distance * Math.tan(((pose.fov === 0 ? kOrthographicFovDeg : pose.fov) * Math.PI) / 360);
}
export const kOrthographicFovDeg = 60;
