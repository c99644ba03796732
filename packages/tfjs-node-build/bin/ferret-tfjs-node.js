#!/usr/bin/env node
// npm links commands when it installs, before anything is built: this file is there by then.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const built = new URL("../dist/cli.js", import.meta.url);
if (existsSync(fileURLToPath(built))) await import(built.href);
else {
  process.stderr.write(
    `ferret-tfjs-node: Expected the built command in ${fileURLToPath(built)} but it is not there; run npm run build\n`,
  );
  process.exitCode = 2;
}
