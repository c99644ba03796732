import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { defineConfig } from "tsup";

const own = "src/live/client";
const plotted = createRequire(import.meta.url).resolve("uplot/dist/uPlot.min.css");

export default defineConfig([
  {
    entry: ["src/index.ts"],
    format: ["esm"],
    dts: true,
    target: "node20",
    // The two are built side by side: neither cleans away what the other has built.
    clean: ["dist/*.*"],
  },
  // The live page, with all that it needs.
  {
    entry: { page: "src/live/client/main.ts" },
    outDir: "dist/live",
    format: ["iife"],
    outExtension: () => ({ js: ".js" }),
    platform: "browser",
    target: "es2022",
    minify: true,
    banner: {
      js: "/*! With uPlot, (c) Leon Sorokin, MIT License, https://github.com/leeoniya/uPlot */",
    },
    noExternal: ["uplot"],
    clean: ["dist/live/*"],
    onSuccess: async () => {
      copyFileSync(`${own}/page.html`, "dist/live/page.html");
      const styles = [plotted, `${own}/page.css`].map((path) => readFileSync(path, "utf8"));
      writeFileSync("dist/live/page.css", styles.join("\n"));
    },
  },
]);
