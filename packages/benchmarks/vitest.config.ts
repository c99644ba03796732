import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Slow machines are no failures: the limit is there for what hangs.
    testTimeout: 120_000,
    // Tests leave nothing in the user's cache, and find nothing there.
    env: { FERRET_CACHE_DIR: join(tmpdir(), `ferret-test-${process.pid}`) },
  },
});
