import { defineConfig, type Options } from "tsup";

const shared: Options = {
  format: ["esm"],
  target: "node20",
  // Loaded where images are decoded, if it is installed: it holds native code.
  external: ["sharp"],
};

export default defineConfig([
  { ...shared, entry: ["src/cli.ts"], clean: ["dist/cli*", "dist/chunk*"] },
  // What scripts stream.
  { ...shared, entry: { glyphs: "src/datasets/glyphs.ts" }, clean: ["dist/glyphs*"] },
  // In one file, so that its digest is that of all the code of this package that makes a run.
  {
    ...shared,
    entry: { "suite-worker": "src/suite/worker.ts" },
    clean: ["dist/suite-worker*"],
    splitting: false,
  },
]);
