import { defineConfig } from "tsup";

const common = { target: "node20" } as const;

export default defineConfig([
  {
    ...common,
    entry: {
      index: "src/index.ts",
      engine: "src/engine.ts",
      "tfjs-layers": "src/runtime/tfjs/layers.ts",
    },
    format: ["esm", "cjs"],
    dts: true,
    shims: true,
    // The two are built side by side: neither cleans away what the other has built.
    clean: ["!{thread,planning-thread}.js"],
  },
  // What threads are started with; it stands beside both of the above.
  {
    ...common,
    entry: {
      thread: "src/clock/threads/thread.ts",
      "planning-thread": "src/learner/plan/planning-thread.ts",
    },
    format: "esm",
  },
]);
