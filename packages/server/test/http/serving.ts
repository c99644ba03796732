import { connect, type Socket } from "node:net";
import { afterEach } from "vitest";
import {
  type HttpOptions,
  type HttpServer,
  Service,
  type ServiceOptions,
  serve,
} from "../../src/index.js";

const inputLength = 4;

/** A small model on the virtual clock, which answers alike every time. */
export const learner = {
  model: [
    { class_name: "Dense", config: { units: 8, activation: "relu" } },
    { class_name: "Dense", config: { units: 3 } },
  ],
  inputShape: [inputLength],
  classes: 3,
  batch: 4,
  arrivalInterval: "1ms",
  clock: { kind: "virtual" },
} as const;

export const regressor = {
  ...learner,
  classes: undefined,
  outputs: 3,
  loss: "meanSquaredError",
} as const;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever a service says.
  readonly json: any;
}

export interface Serving {
  readonly service: Service;
  readonly server: HttpServer;
  /** Posts JSON, or raw bytes or text of a content type; without a body it gets. */
  ask(
    path: string,
    body?: unknown,
    options?: { readonly type?: string; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Answer>;
  /** A connection, and all that came on it. */
  open(): Promise<{
    readonly socket: Socket;
    readonly came: () => string;
    readonly closed: Promise<void>;
  }>;
}

const running: Serving[] = [];

/** Serves until the test ends. */
export async function serving(
  options: Partial<ServiceOptions> = {},
  http: HttpOptions = {},
): Promise<Serving> {
  const service = await Service.open({ learner, ...options });
  const server = await serve(service, { port: 0, ...http });
  const made: Serving = {
    service,
    server,
    async ask(path, body, { type = "application/json", headers = {} } = {}) {
      const isRaw = typeof body === "string" || ArrayBuffer.isView(body);
      const response = await fetch(server.url + path, {
        ...(body !== undefined && {
          method: "POST",
          body: isRaw ? (body as string | Uint8Array<ArrayBuffer>) : JSON.stringify(body),
        }),
        headers: { ...(body !== undefined && { "content-type": type }), ...headers },
      });
      const text = await response.text();
      const isJson = response.headers.get("content-type")?.startsWith("application/json");
      const { status } = response;
      return {
        status,
        headers: response.headers,
        text,
        json: isJson ? JSON.parse(text) : undefined,
      };
    },
    async open() {
      const socket = connect(server.port, "127.0.0.1");
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk.toString();
      });
      socket.on("error", () => {});
      const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      await new Promise((resolve, reject) => {
        socket.once("connect", resolve);
        socket.once("error", reject);
      });
      return { socket, came: () => text, closed };
    },
  };
  running.push(made);
  return made;
}

afterEach(async () => {
  for (const { server, service } of running.splice(0)) {
    await server.drain(1000);
    await service.close();
  }
});

/** A sample that is another one for every number. */
export const sampleAt = (k: number): number[] =>
  Array.from({ length: inputLength }, (_, at) => Math.fround(Math.sin(3 * k + at)));

/** Waits until something is so. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}
