// What lies under the cursor, asked of the server (WP39): one question on its way, then the newest place.
//
//   const prober = new Prober({ ask: (world) => client.call("nd.probe", { world }), onValues: (values) => … });
//   prober.look({ x: 12.5, y: 3 });     prober.look(null);

import type { Json } from "@ndcast/client";
import { Newest } from "./newest";

export interface LayerValue {
  layer: string;
  /** As it is to be read: "312", "0.25", "nan"; null outside of the image. */
  value: string | null;
  /** By the image's own axes. */
  voxel: number[];
  /** Of a label image: "#rrggbb" of the object that the voxel belongs to; null for none. */
  color: string | null;
}

export type World = { [axis: string]: number };

export interface ProberOptions {
  ask: (world: World) => Promise<Json>;
  onValues: (values: LayerValue[] | null) => void;
}

/** Faster nobody reads. */
const kIntervalMs = 50;

export class Prober {
  private readonly newest_: Newest<World, LayerValue[]>;

  constructor({ ask, onValues }: ProberOptions) {
    this.newest_ = new Newest({ ask: (world) => ask(world).then(readValues), onAnswer: onValues, interval_ms: kIntervalMs });
  }

  /** null: the cursor is nowhere. */
  look(world: World | null): void {
    this.newest_.want(world);
  }
}

export function readValues(answer: Json): LayerValue[] | null {
  if (typeof answer !== "object" || answer === null || Array.isArray(answer) || !Array.isArray(answer.layers)) return null;
  const values: LayerValue[] = [];
  for (const each of answer.layers) {
    if (typeof each !== "object" || each === null || Array.isArray(each) || typeof each.layer !== "string") continue;
    const { value, voxel, color } = each;
    const shown = typeof value === "number" ? readable(value) : typeof value === "string" ? value : null;
    values.push({ layer: each.layer, value: shown, voxel: Array.isArray(voxel) ? voxel.filter((i) => typeof i === "number") : [], color: typeof color === "string" ? color : null });
  }
  return values;
}

/** Whole numbers in full, others to six digits. */
function readable(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}
