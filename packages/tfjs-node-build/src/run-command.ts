import { spawn } from "node:child_process";

/** How a command ended, and all that it printed. */
export interface Finished {
  /** Exit status; null where it could not be started or a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What ended it, where it was no exit status: such as `spawn g++ ENOENT` or `signal SIGABRT`. */
  readonly trouble: string | null;
}

/** How a command is run. */
export interface CommandOptions {
  /** Ends the command; the promise is rejected with the signal's reason then. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which it is ended; by default it may go on for ten minutes. */
  readonly limit?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a command without a shell and waits for its end. */
export function runCommand(
  command: string,
  words: readonly string[],
  { signal, limit = 600_000, environment = {} }: CommandOptions = {},
): Promise<Finished> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...words], {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (text: string) => {
        texts[name] += text;
      });
    const stop = () => child.kill("SIGKILL");
    // Not the option of spawn: its timer goes on where the command could not be started.
    const timer = setTimeout(stop, limit);
    signal?.addEventListener("abort", stop, { once: true });
    const end = (status: number | null, trouble: string | null) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      if (signal?.aborted) reject(signal.reason as Error);
      else resolve({ status, trouble, ...texts });
    };
    child.on("error", (error) => end(null, error.message));
    child.on("close", (status, by) => end(status, by === null ? null : `signal ${by}`));
  });
}
