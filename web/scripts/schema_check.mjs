// Fails when `ndcast schema`, web/schema.json and client/src/generated.ts do not say the same.
//
//   npm run schema:check -- ../build/release/ndcast

import { readFileSync } from "node:fs";
import { generatedTypes, kGenerated, kSchema, printSchema } from "./schema.mjs";

const binary = process.argv[2];
if (binary === undefined) {
  console.error("usage: npm run schema:check -- path/to/ndcast");
  process.exit(2);
}
const committed = readFileSync(kSchema, "utf8");
const troubles = [];
if (printSchema(binary) !== committed) troubles.push(`web/schema.json differs from \`${binary} schema\``);
if ((await generatedTypes(committed)) !== readFileSync(kGenerated, "utf8"))
  troubles.push("client/src/generated.ts differs from what web/schema.json gives");
for (const trouble of troubles) console.error(trouble);
if (troubles.length > 0) {
  console.error(`run: npm run schema:types -- ${binary}`);
  process.exit(1);
}
console.log("schema.json and generated.ts agree with the binary");
