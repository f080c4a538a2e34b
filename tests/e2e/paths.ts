// Where the end-to-end tests find what they drive, and where they leave what people should look at.

import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

export const repository = join(here, "..", "..");
export const web_dist = join(repository, "web", "dist");
export const ndcast_binary = process.env.NDCAST ?? join(repository, "build", "release", "ndcast");
export const axe_script = join(repository, "web", "node_modules", "axe-core", "axe.min.js");
export const artefacts = join(here, "artefacts");

mkdirSync(artefacts, { recursive: true });

/** A bundled sample. */
export function sample(name: string): string {
  return join(repository, "samples", name);
}
