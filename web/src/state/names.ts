// What this browser's user is called in rooms: as they once said, else an animal of the laboratories that it keeps.
//
//   const store = storeOf(() => localStorage);     ownName(store);     keepName(store, "Ada");

const kKey = "ndcast.name";
/** The server takes as many bytes (limits::kNameBytes), letters of most scripts being up to three. */
export const kNameLetters = 40;
const kAnimals = [
  "Axolotl", "Zebrafish", "Planarian", "Hydra", "Tardigrade", "Octopus", "Medaka", "Lancelet", "Sea urchin", "Ferret", "Honeybee",
  "Killifish", "Newt", "Opossum", "Quail", "Salmon", "Squid", "Starfish", "Cuttlefish", "Gecko", "Hedgehog", "Jellyfish", "Marmoset", "Otter",
];

export type Store = Pick<Storage, "getItem" | "setItem">;

/** The browser's, or, where it gives none (cookies are blocked, or a frame may keep nothing), one that lasts as long as the page. */
export function storeOf(browser: () => Storage | undefined): Store {
  const kept = new Map<string, string>();
  const memory: Store = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
  try {
    const store = browser();
    // Some give one that throws when it is used.
    store?.getItem(kKey);
    return store ?? memory;
  } catch {
    return memory;
  }
}

export function ownName(store: Store, random: () => number = Math.random): string {
  const kept = store.getItem(kKey)?.trim().slice(0, kNameLetters);
  if (kept !== undefined && kept !== "") return kept;
  const found = kAnimals[Math.floor(random() * kAnimals.length)] ?? "Somebody";
  keepName(store, found);
  return found;
}

export function keepName(store: Store, name: string): void {
  try {
    store.setItem(kKey, name.slice(0, kNameLetters));
  } catch {
    // Full, or shut since: another name next time.
  }
}
