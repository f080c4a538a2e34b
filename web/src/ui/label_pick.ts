// A click on an object of a label image selects it: the topmost visible one under the pointer.

import { readValues, type LayerValue } from "../state/probe";
import { readLayerMeta } from "../state/scene_model";
import type { Room } from "./room.svelte";

/** `world` along columns and rows of the picture; null: nothing is there. */
export async function pickLabel(room: Room, world: [number, number] | null): Promise<void> {
  const labels = room.layers.filter((id) => room.get("layer", id, "visible") !== false && readLayerMeta(room.get("layer", id, "meta"))?.kind === "labels");
  const [x_axis, y_axis] = [room.displayed.at(-1), room.displayed.at(-2)];
  if (world === null || labels.length === 0 || x_axis === undefined || y_axis === undefined) return;
  if (!room.live || !room.may("layer") || !room.offers("nd.probe")) return;
  const answer = await room.client.call("nd.probe", { world: { [x_axis.label]: world[0], [y_axis.label]: world[1] } }).catch(() => null);
  const values = readValues(answer) ?? [];
  noteLabelColors(room, values);
  for (const { layer, value } of values) {
    const label = Number(value);
    if (value === null || !labels.includes(layer) || label === 0 || !Number.isSafeInteger(label)) continue;
    room.set("layer", layer, "selected_label", label);
    return;
  }
}

/** More than anybody remembers having pointed at. */
const kMostColors = 1_000;

/** Objects keep their colours, so one that was seen once is known by it; the oldest are forgotten. */
export function noteLabelColors(room: Room, values: LayerValue[]): void {
  for (const { layer, value, color } of values) if (color !== null && value !== null) room.label_colors.set(`${layer}/${value}`, color);
  for (const oldest of [...room.label_colors.keys()].slice(0, Math.max(0, room.label_colors.size - kMostColors))) room.label_colors.delete(oldest);
}
