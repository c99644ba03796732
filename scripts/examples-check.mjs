// Runs every script of examples/ and holds what it prints against examples/README.md.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { comparePrinted, outputBelow } from "./shared/printed.mjs";

const folder = fileURLToPath(new URL("../examples", import.meta.url));
const readme = readFileSync(join(folder, "README.md"), "utf8");

const complaints = readdirSync(folder)
  .filter((name) => name.endsWith(".mjs"))
  .flatMap((name) => {
    const promised = outputBelow(readme, name);
    return promised === null
      ? [`Expected examples/README.md to hold a \`\`\`text block below "## ${name}"`]
      : comparePrinted(`examples/${name}`, name, folder, promised);
  });
for (const complaint of complaints) console.error(complaint);
process.exitCode = complaints.length === 0 ? 0 : 1;
