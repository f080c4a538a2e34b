import { describe, expect, test } from "vitest";
import { canvasFor, placePicture, pxDelta, pxFromCss, scaleBar, worldFromPx } from "./coordinates";
import { formatNumber, formatQuantity } from "./units";

describe("placement", () => {
  const picture = { width: 1280, height: 720 };
  const place = placePicture({ width: 640, height: 640 }, picture);

  test("keeps the aspect, centred", () => {
    expect(place).toEqual({ left: 0, top: 140, width: 640, height: 360, css_per_px: 0.5 });
  });

  test("the wire's points start bottom-left", () => {
    expect(pxFromCss(0, 140, place, picture)).toEqual([0, 720]);
    expect(pxFromCss(640, 500, place, picture)).toEqual([1280, 0]);
    expect(pxFromCss(320, 320, place, picture)).toEqual([640, 360]);
  });

  test("a point on the bars counts as the nearest edge", () => {
    expect(pxFromCss(10, 0, place, picture)).toEqual([20, 720]);
  });

  test("the wire's upward deltas are positive", () => {
    expect(pxDelta(3, 4, place)).toEqual([6, -8]);
  });

  test("rows grow downwards in the world", () => {
    expect(worldFromPx(0, 720, [10, 20, 100, 50], picture)).toEqual([10, 20]);
    expect(worldFromPx(1280, 0, [10, 20, 100, 50], picture)).toEqual([110, 70]);
  });
});

describe("canvas", () => {
  const bounds = { min: 16, max: { width: 4096, height: 2304 }, max_pixels: 1920 * 1200 };
  test("is even", () => expect(canvasFor({ width: 801.5, height: 601 }, 1, bounds)).toEqual({ width: 800, height: 600 }));
  test("counts device pixels", () => expect(canvasFor({ width: 400, height: 300 }, 2, bounds)).toEqual({ width: 800, height: 600 }));
  test("is never so large that the stream would stumble, and keeps its shape", () => {
    const { width, height } = canvasFor({ width: 3840, height: 2160 }, 2, bounds);
    expect(width * height).toBeLessThanOrEqual(bounds.max_pixels);
    expect(width / height).toBeCloseTo(16 / 9, 2);
  });
  test("is never empty", () => expect(canvasFor({ width: 3, height: 3 }, 1, bounds)).toEqual({ width: 16, height: 16 }));
});

describe("scale bar", () => {
  test.each([
    [1, 150, 100],
    [0.36, 150, 50],
    [0.002, 150, 0.2],
    [3, 100, 200],
    [0.02, 100, 2],
  ])("%f world units a pixel, at most %f px: %f", (per_css, max_css, length) => {
    const bar = scaleBar(per_css, max_css);
    expect(bar?.length).toBeCloseTo(length, 10);
    expect(bar?.css).toBeCloseTo(length / per_css, 6);
    expect(bar?.css).toBeLessThanOrEqual(max_css + 1e-6);
  });
  test("none without a scale", () => {
    expect(scaleBar(NaN, 100)).toBeNull();
    expect(scaleBar(0, 100)).toBeNull();
  });
});

describe("numbers", () => {
  test.each([
    [0.1 + 0.2, "0.3"],
    [65535, "65535"],
    [1234567, "1234567"],
    [0, "0"],
    [-12.345678, "-12.346"],
    [1.5e9, "1.5e9"],
    [0.00001, "1e-5"],
  ])("%f is %s", (value, text) => expect(formatNumber(value)).toBe(text));
  test("units have their symbols", () => {
    expect(formatQuantity(2, "micrometer")).toBe("2 µm");
    expect(formatQuantity(2, "furlong")).toBe("2 furlong");
    expect(formatQuantity(2, "")).toBe("2");
  });
});
