// Where a room is: the link that `ndcast serve` prints, taken apart.
//
//   const address = readAddress("http://127.0.0.1:8787/?token=…");
//   endpoint(address, "state", { room: "main" });      // ws://127.0.0.1:8787/state?room=main

import { ConnectionError } from "./errors.js";
import type { WireError } from "./types.js";

/** A server below any base path, a room of it, and the token to enter with. */
export interface Address {
  /** Ends with "/"; every endpoint is relative to it. */
  base: URL;
  /** Absent: the server's own. */
  room: string | undefined;
  token: string | undefined;
}

/**
 * Reads `token` and `room` from the link's query.
 * @throws ConnectionError `session.bad_link` when it is no http(s) address.
 */
export function readAddress(link: string | URL): Address {
  let url: URL;
  try {
    url = new URL(link);
  } catch {
    throw new ConnectionError("session.bad_link", `expected the link that ndcast serve prints, found "${String(link)}"`);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new ConnectionError("session.bad_link", `expected an http or https link, found "${url.protocol}"`);
  }
  const room = url.searchParams.get("room") ?? undefined;
  const token = url.searchParams.get("token") ?? undefined;
  const base = new URL("./", url);
  return { base, room, token };
}

/** The ws(s) address of a path below the base. */
export function endpoint(base: URL, path: string, query: { [key: string]: string | undefined }): string {
  const url = new URL(path, base);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, value);
  return url.toString();
}

/** A browser hides why a WebSocket was refused; the same credentials on a plain request show it. */
export async function diagnose(address: Address): Promise<WireError | null> {
  if (typeof fetch !== "function") return null;
  const headers: { [name: string]: string } = address.token === undefined ? {} : { authorization: `Bearer ${address.token}` };
  const stop = new AbortController();
  const answer = await fetch(new URL("api/v1/scene", address.base), { cache: "no-store", headers, signal: stop.signal });
  stop.abort();
  if (answer.status === 401) {
    return address.token === undefined
      ? { code: "auth.required", message: "The server asks for a token, and there is none." }
      : { code: "auth.invalid", message: "The server does not know this token." };
  }
  if (answer.status === 403) return { code: "auth.invalid", message: "The server does not accept this address or token." };
  return null;
}
