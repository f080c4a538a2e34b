import { expect, test } from "vitest";
import { evenSize, jobIn, type MovieChoice, picturesOf, readMovie, request, secondsOf, sizeInWords } from "./movie";

const kTurn: MovieChoice = { axis: null, seconds: 6, from: 0, to: 0, every: 1, fps: 30, width: 1280, height: 720 };

test("a turn takes as many pictures as its seconds have", () => {
  expect(picturesOf(kTurn)).toBe(180);
  expect(secondsOf(kTurn)).toBe(6);
  expect(request(kTurn)).toEqual({ kind: "turntable", pictures: 180, fps: 30, width: 1280, height: 720 });
  expect(picturesOf({ ...kTurn, seconds: 0 })).toBe(2);
});

test("a way along an axis takes each position, or every n-th, both ways", () => {
  const way = { ...kTurn, axis: "t", from: 3, to: 12, every: 3, fps: 10 };
  expect(picturesOf(way)).toBe(4);
  expect(secondsOf(way)).toBe(0.4);
  expect(picturesOf({ ...way, from: 12, to: 3, every: 1 })).toBe(10);
  expect(request(way)).toEqual({ kind: "along", axis: "t", from: 3, to: 12, every: 3, fps: 10, width: 1280, height: 720 });
});

test("sizes are even and within what is made", () => {
  expect(evenSize({ width: 977, height: 689 }, { width: 4096, height: 2304 })).toEqual({ width: 976, height: 688 });
  expect(evenSize({ width: 8000, height: 2000 }, { width: 4096, height: 2304 })).toEqual({ width: 4096, height: 1024 });
});

test("what the job brought", () => {
  expect(readMovie({ url: "api/v1/blob/1?room=main", name: "a.mp4", bytes: 3_400_000, fps: 30 })).toEqual({ url: "api/v1/blob/1?room=main", name: "a.mp4", bytes: 3_400_000 });
  expect(readMovie(undefined)).toBeNull();
  expect(readMovie({ url: 7, name: "a" })).toBeNull();
  expect([12, 3_456, 3_400_000].map(sizeInWords)).toEqual(["12 bytes", "3 kB", "3.4 MB"]);
});

test("WP35 a job is found in the list of them, by its id", () => {
  const job = { job: "job-2", kind: "movie", actor: "Ada", state: "done", done: 4, total: 4, result: { url: "u", name: "n" } };
  expect(jobIn({ jobs: [{ job: "job-1", state: "running" }, job] }, "job-2")).toEqual(job);
  expect(jobIn({ jobs: [job] }, "job-3")).toBeNull();
  expect(jobIn({ jobs: "none" }, "job-2")).toBeNull();
  expect(jobIn(null, "job-2")).toBeNull();
});
