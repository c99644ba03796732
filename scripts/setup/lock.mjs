// One set-up at a time in one clone: a second `npm ci` under a running one would break both.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Waits until no other set-up runs in this clone, and holds the place until the process ends.
 * @param {string} root the repository
 */
export async function holdSetup(root) {
  const folder = join(root, ".ferret");
  const path = join(folder, "setup.pid");
  mkdirSync(folder, { recursive: true });
  for (let turn = 0; ; turn += 1) {
    try {
      writeFileSync(path, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (!holderAlive(path)) {
      rmSync(path, { force: true });
      continue;
    }
    if (turn === 0) console.log("Waiting for another set-up in this clone to end ...");
    await sleep(200);
  }
  process.on("exit", () => rmSync(path, { force: true }));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(130));
}

function holderAlive(path) {
  try {
    process.kill(Number(readFileSync(path, "utf8")), 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
