// A movie as it is chosen in the page, and what the server says of it (WP43).
//
//   room.client.call("nd.movie", { ...request(choice) })        // → {job, …}; nd.job tells the rest

import type { Job, Json } from "@ndcast/client";

export interface MovieChoice {
  /** An axis' label: its slider moves; null: one turn of the volume. */
  axis: string | null;
  /** Of a turn. */
  seconds: number;
  /** Positions of the axis: the first, the last, and how far from picture to picture. */
  from: number;
  to: number;
  every: number;
  fps: number;
  width: number;
  height: number;
}

export interface Movie {
  url: string;
  name: string;
  bytes: number;
}

/** The server makes no turn of fewer. */
const kFewestOfATurn = 2;

export function picturesOf(choice: MovieChoice): number {
  if (choice.axis === null) return Math.max(kFewestOfATurn, Math.round(choice.seconds * choice.fps));
  return Math.floor(Math.abs(choice.to - choice.from) / Math.max(1, choice.every)) + 1;
}

export function secondsOf(choice: MovieChoice): number {
  return picturesOf(choice) / choice.fps;
}

export function request(choice: MovieChoice): { [key: string]: Json } {
  const { axis, from, to, every, fps, width, height } = choice;
  const common = { fps, width, height };
  return axis === null ? { kind: "turntable", pictures: picturesOf(choice), ...common } : { kind: "along", axis, from, to, every, ...common };
}

/** Even sides, as video has them, of at most `most`, with the aspect kept. */
export function evenSize(size: { width: number; height: number }, most: { width: number; height: number }): { width: number; height: number } {
  const shrink = Math.min(1, most.width / size.width, most.height / size.height);
  const even = (side: number) => 2 * Math.floor((side * shrink) / 2);
  return { width: even(size.width), height: even(size.height) };
}

export function readMovie(result: Json | undefined): Movie | null {
  if (typeof result !== "object" || result === null || Array.isArray(result)) return null;
  const { url, name, bytes } = result;
  if (typeof url !== "string" || typeof name !== "string") return null;
  return { url, name, bytes: typeof bytes === "number" ? bytes : 0 };
}

/** The job of that id in the answer to nd.job.list (WP35); null: the server knows of none. */
export function jobIn(answer: Json, id: string): Job | null {
  const jobs = typeof answer === "object" && answer !== null && !Array.isArray(answer) ? answer.jobs : undefined;
  if (!Array.isArray(jobs)) return null;
  const found = jobs.find((job) => typeof job === "object" && job !== null && !Array.isArray(job) && job.job === id && typeof job.state === "string");
  return (found as unknown as Job | undefined) ?? null;
}

/** As people say it: "3.4 MB". */
export function sizeInWords(bytes: number): string {
  if (bytes < 1e3) return `${bytes} bytes`;
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
