// Tells a drag on an input from a key press or a typed value, so that each update says where in a drag it stands.
//
//   const drag = new Drag((value, phase, id) => room.set("dims", "z", "index", value, phase, id));
//   <input onpointerdown={drag.down} oninput={() => drag.input(v)} onchange={() => drag.change(v)} />

import type { Phase } from "@ndcast/client";

export class Drag<Value> {
  private readonly emit_: (value: Value, phase?: Phase, interaction_id?: string) => void;
  private pointer_ = false;
  private id_: string | undefined;

  constructor(emit: (value: Value, phase?: Phase, interaction_id?: string) => void) {
    this.emit_ = emit;
  }

  readonly down = (): void => {
    this.pointer_ = true;
  };

  input(value: Value): void {
    if (!this.pointer_) {
      this.emit_(value);
      return;
    }
    const first = this.id_ === undefined;
    this.id_ ??= Math.random().toString(16).slice(2, 10);
    this.emit_(value, first ? "start" : "update", this.id_);
  }

  /** The browser's `change`: the pointer was lifted, or a key press has had its `input` already. */
  change(value: Value): void {
    const id = this.id_;
    this.pointer_ = false;
    this.id_ = undefined;
    if (id !== undefined) this.emit_(value, "commit", id);
  }
}
