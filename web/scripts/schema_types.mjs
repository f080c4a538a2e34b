// web/schema.json → client/src/generated.ts.   npm run schema:types [-- path/to/ndcast]
//
// With a binary, schema.json is printed anew by `ndcast schema` first; so one command follows a change of the C++ types.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { generatedTypes, kGenerated, kSchema, printSchema } from "./schema.mjs";

const binary = process.argv[2];
if (binary !== undefined) writeFileSync(kSchema, printSchema(binary));
writeFileSync(kGenerated, await generatedTypes(readFileSync(kSchema, "utf8")));
execFileSync(process.execPath, [new URL("../node_modules/typescript/bin/tsc", import.meta.url).pathname, "--noEmit", "--strict", "--skipLibCheck", kGenerated], { stdio: "inherit" });
console.log(`wrote ${kGenerated}`);
