import { expect, test } from "vitest";
import { keepName, ownName, storeOf } from "./names";

function memory() {
  const kept = new Map<string, string>();
  return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
}

test("who said no name gets one, and keeps it", () => {
  const store = memory();
  const first = ownName(store, () => 0.5);
  expect(first).not.toBe("");
  expect(ownName(store, () => 0)).toBe(first);
  keepName(store, "Ada");
  expect(ownName(store)).toBe("Ada");
});

test("an empty name is none", () => {
  const store = memory();
  store.setItem("ndcast.name", "  ");
  expect(ownName(store)).not.toBe("");
});

test("a browser that keeps nothing, or lets nobody ask, is no trouble", () => {
  const blocked = storeOf(() => {
    throw new Error("The operation is insecure.");
  });
  keepName(blocked, "Ada");
  expect(ownName(blocked)).toBe("Ada");
  expect(ownName(storeOf(() => undefined))).not.toBe("");
  const full = { getItem: () => null, setItem: () => { throw new Error("QuotaExceededError"); } };
  expect(ownName(full)).not.toBe("");
});
