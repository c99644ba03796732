import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createLearner, type Learner } from "@ferret-ocl/pipeline";
import { LiveFeed } from "../../src/live/feed.js";
import { liveFiles, livePolicy } from "../../src/live/files.js";
import { look } from "../../src/live/look.js";

/** A learner that learns on and on, and its live page. */
export class PageServer {
  readonly learner: Learner;
  readonly #server: Server;
  readonly #feed: LiveFeed;
  #correct = 0;
  #seen = 0;
  #recent = 0;
  #learns = true;
  readonly #learning: Promise<void>;

  private constructor(learner: Learner) {
    this.learner = learner;
    this.#feed = new LiveFeed(() => this.snapshot(), 50);
    const files = liveFiles();
    this.#server = createServer((request, response) => {
      const file = files.get(request.url ?? "");
      if (file) {
        response.setHeader("content-security-policy", livePolicy);
        response.setHeader("content-type", file.type).end(file.text);
      } else if (request.url === "/events") {
        response.setHeader("x-ferret-plan", "yes");
        this.#feed.answer(response);
      } else if (request.url === "/plan") {
        let text = "";
        request.on("data", (part) => {
          text += part;
        });
        request.on("end", () => {
          learner.replan(JSON.parse(text)).then(
            () => response.end("{}"),
            (error) => response.writeHead(400).end(JSON.stringify({ error: error.message })),
          );
        });
      } else response.writeHead(404).end();
    });
    this.#learning = this.#learn();
  }

  static async start(port = 0): Promise<PageServer> {
    const learner = await createLearner({
      model: "mlp",
      inputShape: [8],
      classes: 4,
      batch: 4,
      arrivalInterval: "1ms",
      clock: { kind: "virtual" },
    });
    const server = new PageServer(learner);
    await new Promise<void>((resolve) => server.#server.listen(port, "127.0.0.1", resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  snapshot() {
    const { learner } = this;
    const score = { name: "accuracy", recent: this.#recent, all: this.#correct / this.#seen };
    return look({
      title: "mlp, vanilla",
      model: learner.model,
      plan: learner.plan,
      metrics: learner.metrics(),
      memoryBudget: learner.memoryBudget,
      arrivalInterval: learner.plan.arrivalInterval,
      score: this.#seen > 0 ? { ...score, isShare: true } : null,
      warnings: [],
    });
  }

  async stop(): Promise<void> {
    this.#learns = false;
    await this.#learning;
    this.#feed.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.learner.dispose();
  }

  async #learn(): Promise<void> {
    for (let item = 0; this.#learns; item += 1) {
      const x = Float32Array.from({ length: 32 }, (_, at) => Math.sin(item * 32 + at));
      const y = [0, 1, 2, 3].map((sample) => Number((x[8 * sample] as number) > 0));
      const { correct } = await this.learner.observe(x, y);
      this.#seen += 4;
      this.#correct += correct;
      this.#recent = 0.95 * this.#recent + 0.05 * (correct / 4);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}
