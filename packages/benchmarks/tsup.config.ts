import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/cli.ts"],
  format: ["esm"],
  clean: true,
  sourcemap: true,
  target: "node20",
  // Loaded where images are decoded, if it is installed: it holds native code.
  external: ["sharp"],
});
