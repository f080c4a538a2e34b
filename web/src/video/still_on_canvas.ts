// Strips of a still over the video's picture of the same number (WP38).
//
//   still.take(strip, info);            // in any order with the picture that they are of
//   if (!still.covers(picture)) …draw the video's frame…
//   still.pictureDrawn(picture);

import type { StripInfo } from "./pixel_session";

export interface StripLike {
  readonly height: number;
  close(): void;
}

export class StillOnCanvas<Strip extends StripLike> {
  private readonly draw_: (strip: Strip, top: number) => void;
  /** The picture on the canvas. */
  private picture_ = 0;
  /** First rows of the strips that are drawn; they come in any order, and again after a keyframe. */
  private readonly tops_ = new Set<number>();
  private rows_ = 0;
  private height_ = 0;
  /** Of a picture that the decoder still has. */
  private early_: { strip: Strip; info: StripInfo }[] = [];

  constructor(draw: (strip: Strip, top: number) => void) {
    this.draw_ = draw;
  }

  /** All rows are drawn. */
  get whole(): boolean {
    return this.rows_ > 0 && this.rows_ >= this.height_;
  }

  /** Rows of this picture are on the canvas. */
  covers(picture: number): boolean {
    return picture !== 0 && picture === this.picture_ && this.rows_ > 0;
  }

  take(strip: Strip, info: StripInfo): void {
    if (info.picture !== this.picture_) {
      this.early_.push({ strip, info });
      return;
    }
    this.draw_(strip, info.top);
    if (!this.tops_.has(info.top)) this.rows_ += strip.height;
    this.tops_.add(info.top);
    this.height_ = info.height;
    strip.close();
  }

  pictureDrawn(picture: number): void {
    if (picture !== this.picture_) {
      this.tops_.clear();
      this.rows_ = 0;
    }
    this.picture_ = picture;
    const early = this.early_;
    this.early_ = [];
    for (const { strip, info } of early) {
      // Numbers count up and wrap at 2^32; after a hitch, several pictures and then strips come at once.
      if (((info.picture - picture) | 0) >= 0) this.take(strip, info);
      else strip.close();
    }
  }
}
