// What the server tells of a room besides its state: small pictures of the layers (docs/protocol.md WP34), jobs (WP35).
//
//   room.watchThumbnails();
//   room.on("thumbnail", (small) => (img.src = small.url));
//   room.on("job", (job) => bar.set(job.done / job.total));

import type { Job, Thumbnail, ThumbnailNotice } from "./types.js";

export class News {
  /** Newest by layer. */
  readonly thumbnails = new Map<string, Thumbnail>();
  /** Those heard of in this session, by id, oldest first. */
  readonly jobs = new Map<string, Job>();

  noteThumbnail({ png, ...rest }: ThumbnailNotice): Thumbnail {
    const thumbnail = { ...rest, url: `data:image/png;base64,${png}` };
    this.thumbnails.set(thumbnail.layer_id, thumbnail);
    return thumbnail;
  }

  noteJob(job: Job): void {
    this.jobs.set(job.job, job);
  }

  /** Another session: it hears of jobs anew. The old pictures stand until there are new ones. */
  again(): void {
    this.jobs.clear();
  }
}
