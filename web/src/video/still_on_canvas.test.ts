import { beforeEach, expect, test } from "vitest";
import { StillOnCanvas } from "./still_on_canvas";

let drawn: number[];
let open: number;
let still: StillOnCanvas<{ height: number; close: () => void }>;

beforeEach(() => {
  drawn = [];
  open = 0;
  still = new StillOnCanvas((_, top) => drawn.push(top));
});

function take(picture: number, top: number): void {
  open += 1;
  still.take({ height: 16, close: () => (open -= 1) }, { seq: 0, picture, top, height: 40, bytes: 0 });
}

test("WP38 strips are drawn over the picture that they are of, and all of them make it whole", () => {
  still.pictureDrawn(3);
  expect(still.covers(3)).toBe(false);
  take(3, 0);
  expect(still.covers(3)).toBe(true);
  take(3, 16);
  expect(still.whole).toBe(false);
  take(3, 32);
  expect(still.whole).toBe(true);
  expect(drawn).toEqual([0, 16, 32]);
  expect(open).toBe(0);
});

test("WP38 strips overtake one another in the decoder, and come again after a keyframe", () => {
  still.pictureDrawn(3);
  take(3, 16);
  take(3, 0);
  take(3, 0);
  expect(still.whole).toBe(false);
  take(3, 32);
  expect(still.whole).toBe(true);
});

test("WP38 strips that overtake their picture in the decoders wait for it", () => {
  still.pictureDrawn(3);
  take(4, 0);
  take(4, 16);
  expect(drawn).toEqual([]);
  still.pictureDrawn(4);
  expect(drawn).toEqual([0, 16]);
  expect(open).toBe(0);
});

test("WP38 strips wait while earlier pictures are drawn, also where numbers wrap", () => {
  still.pictureDrawn(0xffff_fffe);
  take(1, 0);
  take(1, 16);
  still.pictureDrawn(0xffff_ffff);
  still.pictureDrawn(0);
  expect(drawn).toEqual([]);
  still.pictureDrawn(1);
  expect(drawn).toEqual([0, 16]);
  expect(open).toBe(0);
});

test("WP38 strips of a picture that went by are never drawn", () => {
  still.pictureDrawn(3);
  take(3, 0);
  still.pictureDrawn(5);
  expect(still.whole).toBe(false);
  take(3, 16);
  still.pictureDrawn(6);
  expect(drawn).toEqual([0]);
  expect(open).toBe(0);
});

test("the same picture again keeps its strips; one that is not counted has none", () => {
  still.pictureDrawn(3);
  take(3, 0);
  still.pictureDrawn(3);
  expect(still.covers(3)).toBe(true);
  still.pictureDrawn(0);
  expect(still.covers(0)).toBe(false);
});
