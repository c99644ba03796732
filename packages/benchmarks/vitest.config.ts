import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/longest-first.js";

export default defineConfig({
  test: {
    // Slow machines are no failures: the limit is there for what hangs.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    sequence: { sequencer: LongestFirst },
    // Tests leave nothing in the user's cache, and find nothing there.
    env: { FERRET_CACHE_DIR: join(tmpdir(), `ferret-test-${process.pid}`) },
  },
});
