// Scenes of the room as files that `ndcast render --scene` reads, and small edits of them.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { ndcast } from "./ndcast_server";
import { artefacts } from "./paths";
import { pngPicture, type Picture } from "./pictures";

export interface SceneRegister {
  scope: string;
  target: string;
  key: string;
  value: unknown;
}

export interface Scene {
  ndcast_scene: number;
  registers: SceneRegister[];
}

/** The room's scene, asked for with the page's own cookie. */
export async function sceneOf(page: Page): Promise<Scene> {
  const answer = await page.request.get(new URL("api/v1/scene", page.url()).toString());
  if (!answer.ok()) throw new Error(`GET api/v1/scene: ${answer.status()} ${await answer.text()}`);
  return (await answer.json()) as Scene;
}

export function valueOf<Value>(scene: Scene, scope: string, target: string, key: string): Value {
  const register = scene.registers.find((r) => r.scope === scope && r.target === target && r.key === key);
  if (register === undefined) throw new Error(`the scene has no ${scope}/${target}/${key}`);
  return register.value as Value;
}

export function withValue(scene: Scene, scope: string, target: string, key: string, value: unknown): Scene {
  valueOf(scene, scope, target, key);
  const registers = scene.registers.map((r) => (r.scope === scope && r.target === target && r.key === key ? { ...r, value } : r));
  return { ...scene, registers };
}

export function layersOf(scene: Scene): string[] {
  return scene.registers.filter((r) => r.scope === "layer" && r.key === "meta").map((r) => r.target);
}

/** What `ndcast render` makes of it, at the size of the picture it is compared with. */
export async function renderScene(page: Page, scene: Scene, name: string, size: { width: number; height: number }): Promise<Picture> {
  const file = join(artefacts, `${name}.scene.json`);
  const png = join(artefacts, `${name}.render.png`);
  writeFileSync(file, JSON.stringify(scene));
  await ndcast("render", "--scene", file, "--size", `${size.width}x${size.height}`, "--out", png);
  return pngPicture(page, png);
}
