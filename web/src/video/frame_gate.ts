// Decides for each frame of the pixel channel whether the decoder may have it.
//
//   frame ─► FrameGate.accept ─► "decode" | "drop"       gate.waiting ─► ask the server for a keyframe
//
// A lost P-frame raises no decoder error, it only smears: so a hole in `seq` must be seen here. After a hole, at the
// start and after a decoder failure, nothing but a keyframe passes.

export class FrameGate {
  private last_seq_: number | null = null;
  private waiting_ = true;
  /** Frames that were not handed to the decoder. */
  dropped = 0;
  gaps = 0;

  /** True while only a keyframe helps. */
  get waiting(): boolean {
    return this.waiting_;
  }

  /** `seq` counts the messages of one socket and wraps at 2^32. */
  accept(seq: number, keyframe: boolean): "decode" | "drop" {
    const expected = this.last_seq_ === null ? seq : (this.last_seq_ + 1) >>> 0;
    this.last_seq_ = seq;
    if (seq !== expected) {
      this.gaps += 1;
      this.waiting_ = true;
    }
    if (keyframe) this.waiting_ = false;
    if (!this.waiting_) return "decode";
    this.dropped += 1;
    return "drop";
  }

  /** The decoder lost its reference pictures. */
  needKeyframe(): void {
    this.waiting_ = true;
  }

  /** A new socket counts from anew. */
  restart(): void {
    this.last_seq_ = null;
    this.waiting_ = true;
  }
}
