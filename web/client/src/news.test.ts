import { describe, expect, it } from "vitest";
import { parseFrame } from "./frames.js";
import { News } from "./news.js";

const frame = (type: string, payload: object) => JSON.stringify({ type, version: 2, session: "s", timestamp: 1, payload });

describe("thumbnails (WP34)", () => {
  const notice = { layer_id: "layer-0", server_seq: 7, width: 128, height: 64, png: "AAAA" };

  it("the newest of a layer counts, as an image's src", () => {
    const news = new News();
    news.noteThumbnail(notice);
    const newest = news.noteThumbnail({ ...notice, server_seq: 9, png: "BBBB" });
    expect(newest).toEqual({ layer_id: "layer-0", server_seq: 9, width: 128, height: 64, url: "data:image/png;base64,BBBB" });
    expect([...news.thumbnails.values()]).toEqual([newest]);
    news.again();
    expect(news.thumbnails.size).toBe(1);
  });

  it("the frame is looked at before it is believed", () => {
    expect(parseFrame(frame("nd.thumbnail", notice))).toEqual({ type: "nd.thumbnail", notice });
    expect(() => parseFrame(frame("nd.thumbnail", { ...notice, png: 4 }))).toThrow(/png/);
  });
});

describe("trouble (WP28, WP37)", () => {
  it("is told as it came, and its words are looked at first", () => {
    const trouble = { domain: "render", code: "render.failed", message: "out of memory", severity: "warning" };
    expect(parseFrame(frame("notify.error", { ...trouble, context: null }))).toEqual({ type: "notify.error", trouble });
    expect(() => parseFrame(frame("notify.error", { ...trouble, code: 7 }))).toThrow(/code/);
  });
});

describe("jobs (WP35)", () => {
  const job = { job: "job-1", kind: "stats", actor: "ada", state: "done", done: 3, total: 3, message: "", result: { max: 7 } };

  it("a job is known by its id, and its state is one that is known", () => {
    const parsed = parseFrame(frame("nd.job", job));
    expect(parsed).toEqual({ type: "nd.job", job });
    expect(parseFrame(frame("nd.job", { ...job, state: "resting" }))).toMatchObject({ job: { state: "running" } });
    expect(() => parseFrame(frame("nd.job", { ...job, job: null }))).toThrow(/job/);
    const news = new News();
    if (parsed.type === "nd.job") news.noteJob(parsed.job);
    expect(news.jobs.get("job-1")?.result).toEqual({ max: 7 });
    news.again();
    expect(news.jobs.size).toBe(0);
  });
});
