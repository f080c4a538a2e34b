// What schema_types.mjs and schema_check.mjs share: where the files are, and how one comes from the other.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";

export const kSchema = fileURLToPath(new URL("../schema.json", import.meta.url));
export const kGenerated = fileURLToPath(new URL("../client/src/generated.ts", import.meta.url));

const kBanner = `// The wire's types, generated from web/schema.json (\`ndcast schema\`) by \`npm run schema:types\`; not to be edited.`;

export function printSchema(binary) {
  return execFileSync(binary, ["schema"], { encoding: "utf8", maxBuffer: 1 << 26 });
}

/** TypeScript of every definition of the schema, in its order. */
export async function generatedTypes(schema_text) {
  const text = await compile(JSON.parse(schema_text), "Schema", {
    bannerComment: kBanner,
    additionalProperties: false,
    format: true,
    style: { printWidth: 120 },
    unreachableDefinitions: true,
  });
  // The library's note of where each type came from says nothing that the type's name does not.
  return text.replace(/^( *)\/\*\*\n(?: *\* This interface was referenced by .*\n *\* via the `definition` .*\n)+ *\*\/\n/gm, "");
}
