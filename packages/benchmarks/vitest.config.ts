import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // Tests leave nothing in the user's cache, and find nothing there.
  test: { env: { FERRET_CACHE_DIR: join(tmpdir(), `ferret-test-${process.pid}`) } },
});
