import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { cli } from "./command.js";

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
}

/** The services that pages start with `ferret serve ... &`, one a page at a time. */
export class ShownServices {
  readonly #folder: string;
  readonly #running = new Map<string, Running>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Starts it on a port of its own, whatever the page says, and waits until it listens. */
  async start(page: string, words: readonly string[]): Promise<void> {
    await this.end(page);
    const own = [...words, "--json", "--port", "0"];
    const child = spawn(process.execPath, [cli, ...own], {
      cwd: this.#folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const { url } = JSON.parse(line) as { url: string };
      this.#running.set(page, { child, url });
      return;
    }
    throw new Error(`Expected ferret ${words.join(" ")} to listen but it said: ${said}`);
  }

  urlOf(page: string): string | undefined {
    return this.#running.get(page)?.url;
  }

  /** Ends that of a page as Ctrl-C does; it has to end by itself, and well. */
  async end(page: string): Promise<void> {
    const running = this.#running.get(page);
    if (!running) return;
    this.#running.delete(page);
    const ended = once(running.child, "exit");
    running.child.kill("SIGINT");
    const [code] = await ended;
    if (code !== 0)
      throw new Error(`Expected the service of ${page} to end with 0 but got ${code}`);
  }

  async endAll(): Promise<void> {
    for (const page of [...this.#running.keys()]) await this.end(page);
  }
}
