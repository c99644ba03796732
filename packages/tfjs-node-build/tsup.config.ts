import { defineConfig } from "tsup";

const common = { target: "node20" } as const;

export default defineConfig([
  {
    ...common,
    entry: ["src/index.ts"],
    format: ["esm", "cjs"],
    dts: true,
    shims: true,
    // The two are built side by side: neither cleans away what the other has built.
    clean: ["!cli.js"],
  },
  { ...common, entry: ["src/cli.ts"], format: "esm" },
]);
