import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built `ferret` in a process of its own, neither end of it a terminal. */
export function ferret(
  words: readonly string[],
  { cwd, env }: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<Outcome> {
  if (!existsSync(cli)) throw new Error(`Expected ${cli}; run npm run build first`);
  const child = spawn(process.execPath, [cli, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
    // Whatever data this machine has, the commands see none that they are not told of.
    env: { ...process.env, FERRET_DATA_DIR: "", ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** The lines of standard error that tell what went wrong: those about missing native kernels aside. */
export function complaints({ stderr }: Outcome): string[] {
  const notice = /^ferret: Expected (native stage programs|the package).*going on with/;
  return stderr.split("\n").filter((line) => line !== "" && !notice.test(line));
}
