import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const client = fileURLToPath(new URL("./client/src/index.ts", import.meta.url));

export default defineConfig({
  resolve: { alias: { "@ndcast/client": client } },
  test: { include: ["src/**/*.test.ts", "client/src/**/*.test.ts"], environment: "node" },
});
