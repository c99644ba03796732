import { defineConfig } from "vitest/config";

// Slow machines are no failures: the limit is there for what hangs.
export default defineConfig({ test: { testTimeout: 120_000, hookTimeout: 120_000 } });
