import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { jetstreamManager, type StreamConfig } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";

/** Debian puts it where only root looks. */
const path = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;

/** Why tests with a server are left out; null: it is installed. */
export const missingServer =
  spawnSync("nats-server", ["--version"], { env: { ...process.env, PATH: path } }).status === 0
    ? null
    : "nats-server is not installed (apt-get install nats-server)";

/** A real server with JetStream in a folder of its own. */
export class NatsServer {
  readonly url: string;
  readonly #arguments: readonly string[];
  #child: ChildProcess | null = null;

  private constructor(port: number, folder: string) {
    this.url = `nats://127.0.0.1:${port}`;
    const place = ["--addr", "127.0.0.1", "--port", `${port}`];
    this.#arguments = [...place, "--jetstream", "--store_dir", join(folder, "nats")];
  }

  static async start(folder: string): Promise<NatsServer> {
    const server = new NatsServer(await freePort(), folder);
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    this.#child = spawn("nats-server", this.#arguments, {
      stdio: "ignore",
      env: { ...process.env, PATH: path },
    });
    for (let turn = 0; ; turn++)
      try {
        const connection = await connect({ servers: this.url });
        await jetstreamManager(connection);
        return await connection.close();
      } catch (error) {
        if (turn === 200) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
  }

  /** As a machine that fails. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    const exit = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await exit;
    this.#child = null;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** A new stream. */
export async function makeStream(
  connection: NatsConnection,
  name: string,
  config: Partial<StreamConfig> = {},
) {
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name, subjects: [`${name.toLowerCase()}.>`], ...config });
  return manager;
}
