// What is being measured: the shape that the next drag draws, and the one that lies on the picture.

import { questionOf, type Measurement, type Point, type Shape } from "../state/measurement";
import { worldOf, type Axis } from "../state/scene_model";
import type { Room } from "./room.svelte";

export class Measure {
  /** The next drag on the picture draws it. */
  armed = $state.raw<Shape | null>(null);
  drawn = $state.raw<Measurement | null>(null);
  /** A part of the line, from its start, 0 to 1, that somebody looks at in the plot. */
  marked = $state<number | null>(null);
  private readonly room_: Room;

  constructor(room: Room) {
    this.room_ = room;
  }

  readonly offered = $derived.by(() => this.room_.offers("nd.profile") && this.room_.offers("nd.region"));
  /** In 3D a pixel is a ray: nothing can be drawn there. */
  readonly possible = $derived.by(() => this.offered && this.room_.live && this.room_.ndisplay === 2 && this.room_.displayed.length === 2);

  /** Asked again, or where nothing can be drawn, not any more. */
  arm(shape: Shape): void {
    this.armed = this.possible && this.armed !== shape ? shape : null;
  }

  /** Nothing of it means anything any more. */
  clear(): void {
    this.armed = null;
    this.drawn = null;
    this.marked = null;
  }

  /** In the plane that is shown. */
  draw(shape: Shape, ends: [Point, Point]): void {
    const [x, y] = [this.room_.displayed.at(-1), this.room_.displayed.at(-2)];
    if (x !== undefined && y !== undefined) this.drawn = { shape, axes: [x.label, y.label], ends, index: this.indexNow() };
  }

  /** There is something for escape() to remove. */
  readonly busy = $derived(this.armed !== null || this.drawn !== null);

  /** What is armed goes first, then what is drawn. */
  escape(): void {
    if (this.armed !== null) this.armed = null;
    else this.drawn = null;
  }

  /** The plane that it was drawn in is on show. */
  readonly here = $derived.by(() => {
    const { drawn, room_: room } = this;
    if (drawn === null || room.ndisplay !== 2) return false;
    const shown = room.displayed.map(({ label }) => label);
    return drawn.axes.every((label) => shown.includes(label)) && Object.entries(drawn.index).every(([label, at]) => room.numberOf("dims", label, "index", 0) === at);
  });
  /** It can be moved into the plane on show: that lies along the same axes. */
  readonly movable = $derived.by(() => this.drawn !== null && this.room_.ndisplay === 2 && this.drawn.axes.every((label) => this.room_.displayed.some((axis) => axis.label === label)));

  bringHere(): void {
    if (this.drawn !== null) this.drawn = { ...this.drawn, index: this.indexNow() };
  }

  axis(label: string): Axis | undefined {
    return this.room_.axes.find((axis) => axis.label === label);
  }

  /** "z 12 µm · t 0 s" */
  planeWords(format: (axis: Axis, world: number) => string): string {
    return Object.entries(this.drawn?.index ?? {})
      .flatMap(([label, index]) => {
        const axis = this.axis(label);
        return axis === undefined ? [] : [`${label} ${format(axis, worldOf(axis, index))}`];
      })
      .join(" · ");
  }

  question(): ReturnType<typeof questionOf> | null {
    if (this.drawn === null || !this.offered) return null;
    const [[ax, ay], [bx, by]] = this.drawn.ends;
    return this.drawn.shape === "line" && ax === bx && ay === by ? null : questionOf(this.drawn, this.room_.axes);
  }

  private indexNow(): { [axis: string]: number } {
    return Object.fromEntries(this.room_.hidden.map(({ label }) => [label, this.room_.numberOf("dims", label, "index", 0)]));
  }
}
