// One step of the set-up: a child process that stays silent while it is quick, says what it does
// when it takes longer, and shows its output only when it fails (or with --verbose).
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Runs quieter than this many milliseconds are not worth a line. */
const patience = 1500;

export class StepError extends Error {
  /** @param {string} message @param {string} output */
  constructor(message, output) {
    super(message);
    this.output = output;
  }
}

/** The environment of every child: no telemetry, no update notices. */
export function childEnvironment(extra = {}) {
  return {
    ...process.env,
    TURBO_TELEMETRY_DISABLED: "1",
    TURBO_NO_UPDATE_NOTIFIER: "1",
    DO_NOT_TRACK: "1",
    ...extra,
  };
}

/**
 * Runs a command in the repository root.
 * @param {string} title what it does, for the reader: "Installing the npm packages"
 * @param {string} command
 * @param {string[]} commandArguments
 * @param {{ environment?: Record<string, string>, verbose?: boolean, report?: boolean, limit?: number }} options
 *   `report` says so when it is done even where it was quick; after `limit` milliseconds it is ended
 * @returns {Promise<string>} what it printed
 * @throws {StepError} when it cannot be started or ends with another status than 0
 */
export async function step(title, command, commandArguments, options = {}) {
  const { environment = {}, verbose = false, report = false, limit } = options;
  const started = Date.now();
  let announced = false;
  const announce = () => {
    announced = true;
    console.log(`${title} ...`);
  };
  if (verbose) announce();
  const timer = setTimeout(announce, patience);
  try {
    const { status, output } = await execute(command, commandArguments, {
      environment,
      verbose,
      limit,
    });
    if (status !== 0) throw new StepError(`${title} failed (${command}: ${status})`, output);
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    if (announced || report) console.log(`${title}: done in ${seconds} s`);
    return output;
  } finally {
    clearTimeout(timer);
  }
}

function execute(command, commandArguments, { environment, verbose, limit }) {
  return new Promise((resolve) => {
    const child = spawn(command, commandArguments, {
      cwd: root,
      env: childEnvironment(environment),
      stdio: ["ignore", "pipe", "pipe"],
      timeout: limit,
    });
    // Whoever ends the set-up ends its child too: no orphan goes on writing in the clone.
    const stop = () => child.kill();
    process.on("exit", stop);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        output += text;
        if (verbose) process.stdout.write(text);
      });
    }
    const end = (status) => {
      process.off("exit", stop);
      resolve({ status, output });
    };
    child.on("error", (error) => end(error.message));
    child.on("close", (code, signal) => end(code ?? signal));
  });
}
