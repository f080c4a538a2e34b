// Folders of the server's data roots as the open dialog shows them (fs.listdir), and what was opened lately.

import type { Json } from "@ndcast/client";
import type { Store } from "./names";

export interface Entry {
  name: string;
  path: string;
  /** Can be opened as it is; else it is a folder to look into. */
  is_image: boolean;
  /** Unix seconds. */
  modified: number;
}

export interface Page {
  path: string;
  entries: Entry[];
  next_cursor: string | null;
}

/** Throws on an answer that is none. */
export function readPage(answer: Json): Page {
  const page = record(answer);
  if (page === null || typeof page.path !== "string" || !Array.isArray(page.entries)) throw new Error("the server's answer is not a folder");
  const entries = page.entries.flatMap((each) => {
    const entry = record(each);
    if (entry === null || typeof entry.name !== "string" || typeof entry.path !== "string") return [];
    const zarr = record(entry.zarr_metadata ?? null);
    const is_image = zarr !== null && (zarr.is_dataset === true || zarr.has_multiscales === true);
    if (entry.is_dir !== true && !is_image) return [];
    return [{ name: entry.name, path: entry.path, is_image, modified: typeof entry.mtime === "number" ? entry.mtime : 0 }];
  });
  // Images first: they are what one is looking for.
  entries.sort((a, b) => Number(b.is_image) - Number(a.is_image));
  return { path: page.path, entries, next_cursor: typeof page.next_cursor === "string" ? page.next_cursor : null };
}

/** The folder above; null at the top. */
export function parentOf(path: string): string | null {
  const trimmed = path.replace(/\/+$/, "");
  const slash = trimmed.lastIndexOf("/");
  return slash <= 0 ? null : trimmed.slice(0, slash);
}

/** Images of a folder that holds several, as zarr.disambiguate names them. */
export function readChoices(details: Json): { name: string; path: string }[] {
  const choice = record(details);
  if (choice === null || typeof choice.path !== "string" || !Array.isArray(choice.options)) return [];
  const base = choice.path.replace(/\/+$/, "");
  return choice.options.flatMap((option) => (typeof option === "string" ? [{ name: option, path: `${base}/${option}` }] : []));
}

const kRecentKey = "ndcast.recent";
const kMostRecent = 6;

/** Newest first; kept by this browser alone. */
export function recentImages(storage: Store | undefined): string[] {
  try {
    const list: unknown = JSON.parse(storage?.getItem(kRecentKey) ?? "[]");
    return Array.isArray(list) ? list.filter((uri) => typeof uri === "string").slice(0, kMostRecent) : [];
  } catch {
    return [];
  }
}

export function noteRecent(storage: Store | undefined, uri: string): void {
  const list = [uri, ...recentImages(storage).filter((other) => other !== uri)].slice(0, kMostRecent);
  try {
    storage?.setItem(kRecentKey, JSON.stringify(list));
  } catch {
    // A browser that keeps nothing has no recent images.
  }
}

function record(value: Json): { [key: string]: Json } | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
}

/** What becomes of an image that is chosen: the one that the room shows, or more layers of what it shows. */
export type Opening = "image" | "layers";
