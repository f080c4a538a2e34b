import { describe, expect, test } from "vitest";
import { dataStep, displayedAxes, hiddenAxes, orderShowing, pictureSeq, readAxes, readLayerMeta, readOrder, readPlay, rowAxes, slicePlane, slicePlanes, type Axis, worldOf } from "./scene_model";

const spec = {
  axes: [
    { label: "t", role: "time", unit: "second", size: 3, start: 0, step: 30 },
    { label: "z", role: "space", unit: "micrometer", size: 236, start: 1, step: 0.5 },
    { label: "y", role: "space", unit: "micrometer", size: 275, start: 0, step: 0.36 },
    { label: "x", role: "space", unit: "micrometer", size: 271, start: 0, step: 0.36 },
  ],
};
const axes = readAxes(spec);
const labels = (list: { label: string }[]) => list.map((axis) => axis.label).join("");

describe("axes", () => {
  test("hidden ones get sliders, in the order of the view", () => {
    expect(labels(hiddenAxes(axes, [0, 1, 2, 3], 2))).toBe("tz");
    expect(labels(hiddenAxes(axes, [0, 1, 2, 3], 3))).toBe("t");
    expect(labels(hiddenAxes(axes, [3, 0, 1, 2], 2))).toBe("xt");
    expect(labels(displayedAxes(axes, [0, 1, 2, 3], 2))).toBe("yx");
    expect(labels(rowAxes(axes, [0, 1, 2, 3]))).toBe("tz");
  });

  test("an axis of one step needs no slider", () => {
    const flat = readAxes({ axes: [{ label: "z", size: 1 }, ...spec.axes.slice(2)] });
    expect(hiddenAxes(flat, [0, 1, 2], 2)).toEqual([]);
  });

  test("orders may be names or numbers; what is no permutation is ignored", () => {
    expect(readOrder(["z", "t", "y", "x"], axes)).toEqual([1, 0, 2, 3]);
    expect(readOrder([1, 0, 2, 3], axes)).toEqual([1, 0, 2, 3]);
    expect(readOrder([0, 0, 1, 2], axes)).toEqual([0, 1, 2, 3]);
    expect(readOrder("zyx", axes)).toEqual([0, 1, 2, 3]);
  });

  test("world = start + step · index", () => {
    const z = axes[1];
    expect(z === undefined ? NaN : worldOf(z, 4)).toBe(3);
  });

  test("foreign shapes read as nothing", () => {
    expect(readAxes(undefined)).toEqual([]);
    expect(readAxes({ axes: [1, { label: 3 }] })).toEqual([]);
    expect(readLayerMeta(null)).toBeNull();
  });
});

describe("contrast slider", () => {
  test("integers step by one", () => expect(dataStep("uint16", [0, 65535])).toBe(1));
  test("floats by about a thousandth of the range", () => {
    expect(dataStep("float32", [0, 1])).toBeCloseTo(0.001, 12);
    expect(dataStep("float64", [-5, 5])).toBeCloseTo(0.01, 12);
    expect(dataStep("float32", [2, 2])).toBe(0.001);
  });
});

describe("play", () => {
  test("is null unless the server plays", () => {
    expect(readPlay(undefined)).toBeNull();
    expect(readPlay(null)).toBeNull();
    expect(readPlay("fast")).toBeNull();
  });
  test("reads pace and loop; an unknown loop goes around", () => {
    expect(readPlay({ fps: 24, loop: "pingpong" })).toEqual({ fps: 24, loop: "pingpong" });
    expect(readPlay({ fps: 5, loop: "spiral" })).toEqual({ fps: 5, loop: "loop" });
  });
  test("brings no picture by itself", () => {
    const register = (scope: string, key: string, version: number) => ({ scope, target: "z", key, value: null, version });
    expect(pictureSeq([register("dims", "index", 6), register("dims", "play", 7), register("settings", "bitrate", 8)])).toBe(6);
  });
});

test("the stream's own registers bring no picture", () => {
  const register = (scope: string, key: string, version: number) => ({ scope, target: "main", key, value: null, version });
  expect(pictureSeq([register("dims", "index", 6), register("stream", "config", 7), register("layer", "name", 8)])).toBe(6);
});

describe("planes of a slice", () => {
  const axis = (label: string, size: number): Axis => ({ label, role: "space", unit: "", size, start: 0, step: 1 });
  const axes = [axis("t", 1), axis("z", 5), axis("y", 6), axis("x", 7)];

  test("every pair of axes with more than one step, the usual one first", () => {
    expect(slicePlanes(axes).map(({ name }) => name)).toEqual(["xy", "xz", "yz"]);
    expect(slicePlanes([axis("z", 5), axis("x", 7), axis("time", 3)]).map(({ name }) => name)).toEqual(["time × x", "time × z", "xz"]);
  });

  test("showing one leaves the others in their order", () => {
    const order = [0, 1, 2, 3];
    const orders = slicePlanes(axes).map((plane) => orderShowing(order, plane));
    expect(orders).toEqual([
      [0, 1, 2, 3],
      [0, 2, 1, 3],
      [0, 3, 1, 2],
    ]);
    expect(orderShowing(order, slicePlane(axes, 3, 2))).toEqual([0, 1, 3, 2]);
  });
});
