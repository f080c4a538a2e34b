// One gesture on one register: a slider that is held, moved and let go.
//
//   const drag = room.drag("dims", "z", "index");
//   drag.update(3); drag.update(4); …          // as often as you like; at most 60 a second leave
//   await drag.commit(17);                     // the last value always arrives
//
// The updates carry one interaction_id and the phases start, update … commit: the server's journal and undo see one change.

import type { Applied } from "./pending.js";
import type { Json, Phase, RegisterName } from "./types.js";

export interface DragOptions {
  put: (value: Json, phase: Phase, interaction_id: string) => Promise<Applied>;
  /** What is shown before the gesture; cancel() returns to it. */
  before: Json | undefined;
  interaction_id: string;
}

export class Drag {
  /** Names the gesture in every register that it changes. */
  readonly interaction_id: string;
  readonly name: RegisterName;
  private readonly options_: DragOptions;
  private last_: Json | undefined;
  private over_ = false;

  constructor(name: RegisterName, options: DragOptions) {
    this.name = name;
    this.options_ = options;
    this.interaction_id = options.interaction_id;
  }

  /** Shows the value at once, and sends it unless a newer one comes first. A refusal is told by the room's `refused` event. */
  update(value: Json): void {
    this.put(value, this.last_ === undefined ? "start" : "update");
  }

  /** Ends the gesture, with its last value unless another is given. Settles when the server has answered. */
  commit(value: Json | undefined = this.last_): Promise<Applied> {
    if (value === undefined) throw new Error("commit() of a drag that was never updated, and without a value");
    const applied = this.put(value, "commit");
    this.over_ = true;
    return applied;
  }

  /** Ends the gesture with the value that was there before it; null when it has changed nothing. */
  async cancel(): Promise<Applied | null> {
    const { before } = this.options_;
    if (this.over_ || this.last_ === undefined || before === undefined) {
      this.over_ = true;
      return null;
    }
    return this.commit(before);
  }

  private put(value: Json, phase: Phase): Promise<Applied> {
    if (this.over_) throw new Error("this drag is over; begin another with room.drag()");
    this.last_ = value;
    return this.options_.put(value, phase, this.interaction_id);
  }
}
