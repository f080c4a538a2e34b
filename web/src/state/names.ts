// What this browser's user is called in rooms: as they once said, else an animal of the laboratories that it keeps.
//
//   const name = ownName(localStorage);     keepName(localStorage, "Ada");

const kKey = "ndcast.name";
/** The server takes as many bytes (limits::kNameBytes), letters of most scripts being up to three. */
export const kNameLetters = 40;
const kAnimals = [
  "Axolotl", "Zebrafish", "Planarian", "Hydra", "Tardigrade", "Octopus", "Medaka", "Lancelet", "Sea urchin", "Ferret", "Honeybee",
  "Killifish", "Newt", "Opossum", "Quail", "Salmon", "Squid", "Starfish", "Cuttlefish", "Gecko", "Hedgehog", "Jellyfish", "Marmoset", "Otter",
];

type Store = Pick<Storage, "getItem" | "setItem">;

export function ownName(store: Store, random: () => number = Math.random): string {
  const kept = store.getItem(kKey)?.trim().slice(0, kNameLetters);
  if (kept !== undefined && kept !== "") return kept;
  const found = kAnimals[Math.floor(random() * kAnimals.length)] ?? "Somebody";
  keepName(store, found);
  return found;
}

export function keepName(store: Store, name: string): void {
  store.setItem(kKey, name.slice(0, kNameLetters));
}
