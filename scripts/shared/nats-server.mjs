// A real nats-server with JetStream, on a free port, in a folder of its own.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { natsEnvironment } from "../setup/nats-path.mjs";

export const missingNatsServer =
  "Skipped: nats-server is not installed; apt-get install nats-server, or see https://nats.io/download";

/**
 * @param {string} folder where it keeps its streams
 * @returns {Promise<{ url: string, start(): Promise<void>, kill(): Promise<void> }>} `kill` as a
 *   machine that fails
 */
export async function startNatsServer(folder) {
  const port = await freePort();
  const url = `nats://127.0.0.1:${port}`;
  let child = null;
  const server = {
    url,
    async start() {
      const place = ["--addr", "127.0.0.1", "--port", `${port}`];
      child = spawn("nats-server", [...place, "--jetstream", "--store_dir", join(folder, "nats")], {
        stdio: "ignore",
        env: natsEnvironment,
      });
      for (let turn = 0; ; turn++)
        try {
          const connection = await connect({ servers: url });
          await jetstreamManager(connection);
          return await connection.close();
        } catch (error) {
          if (turn === 200) throw error;
          await sleep(50);
        }
    },
    async kill() {
      const killed = child;
      child = null;
      if (!killed || killed.exitCode !== null) return;
      const exit = new Promise((resolve) => killed.once("exit", resolve));
      killed.kill("SIGKILL");
      await exit;
    },
  };
  // No orphan stays behind, however this process ends.
  process.on("exit", () => child?.kill("SIGKILL"));
  await server.start();
  return server;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
