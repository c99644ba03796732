import { type HttpServer, Service, serve } from "../../src/index.js";

/** A service that learns on and on, and its live page. */
export class PageServer {
  readonly service: Service;
  readonly #server: HttpServer;
  #learns = true;
  readonly #learning: Promise<void>;

  private constructor(service: Service, server: HttpServer) {
    this.service = service;
    this.#server = server;
    this.#learning = this.#learn();
  }

  static async start(options: { port?: number; token?: string } = {}): Promise<PageServer> {
    const service = await Service.open({
      learner: {
        model: "mlp",
        inputShape: [8],
        classes: 4,
        batch: 4,
        arrivalInterval: "1ms",
        clock: { kind: "virtual" },
      },
    });
    return new PageServer(service, await serve(service, { port: 0, ...options }));
  }

  get port(): number {
    return this.#server.port;
  }

  async stop(): Promise<void> {
    this.#learns = false;
    await this.#learning;
    await this.#server.drain(1000);
    await this.service.close();
  }

  async #learn(): Promise<void> {
    for (let item = 0; this.#learns; item += 1) {
      const x = Float32Array.from({ length: 32 }, (_, at) => Math.sin(item * 32 + at));
      const y = [0, 1, 2, 3].map((sample) => Number((x[8 * sample] as number) > 0));
      await this.service.learn(x, y);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}
