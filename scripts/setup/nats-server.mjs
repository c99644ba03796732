// The server of NATS JetStream, for tests, scripts and demos with real streams. Nothing here stops the
// set-up: without it they are skipped, and one line says so with the remedy.
import { hasNatsServer } from "./nats-path.mjs";
import { aptAccess, installSystemPackages } from "./system-packages.mjs";

/** Installs nats-server where it is missing and that is allowed. */
export async function provideNatsServer(options) {
  if (hasNatsServer()) return;
  const access = aptAccess();
  let { reason } = access;
  if (reason === undefined)
    try {
      await installSystemPackages(["nats-server"], access, options);
      reason = "apt-get could not get it";
    } catch (error) {
      const lines = error.output.trim().split("\n");
      reason = lines.findLast((line) => line.startsWith("E:")) ?? error.message;
    }
  if (hasNatsServer()) return;
  console.log(
    `Missing: nats-server (${reason}). Tests of streams are skipped. Remedy: sudo apt-get install nats-server`,
  );
}
