import type { AddressInfo } from "node:net";
import bearerAuth from "@fastify/bearer-auth";
import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type onRequestHookHandler,
} from "fastify";
import { InputError } from "../errors.js";
import { LiveFeed } from "../live/feed.js";
import { lookAt } from "../live/of-service.js";
import { ServiceMetrics } from "../metrics/service-metrics.js";
import type { Service } from "../service.js";
import { binary, json, MediaTypeError, ndjson, readContentType } from "./body/content-type.js";
import { ByteQueue } from "./byte-queue.js";
import { failureOf, inside, Refusal } from "./failure.js";
import { InFlight } from "./in-flight.js";
import { describeRoute, documentSettings } from "./openapi.js";
import { type HttpOptions, type HttpSettings, isLoopback, readHttpOptions } from "./options.js";
import { asksForLoopback } from "./own-names.js";
import { routes } from "./registry.js";
import type { Context, Route } from "./route.js";
import { ending } from "./routes/health.js";
import { isNdjson, parse } from "./streams.js";

/** A service that listens. */
export interface HttpServer {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly port: number;
  /**
   * Takes no further requests, finishes those that are under way, and closes.
   * @param time milliseconds after which connections are cut.
   * @returns whether all were finished.
   */
  drain(time: number): Promise<boolean>;
}

/** As `serve`. */
export async function startServer(service: Service, options: HttpOptions): Promise<HttpServer> {
  const settings = readHttpOptions(options);
  const stop = new AbortController();
  const queue = new ByteQueue(settings.queueLimit);
  const metrics = new ServiceMetrics(service, queue);
  const inFlight = new InFlight();
  const app = createApp(settings);
  const context: Context = {
    service,
    settings,
    metrics,
    queue,
    feed: new LiveFeed((isRead) => lookAt(service, isRead)),
    draining: stop.signal,
    describe: () => app.swagger(),
  };
  readBodies(app, settings);
  answerFailures(app, context);
  await app.register(swagger, documentSettings(settings.token !== undefined));
  const guards = await guardsOf(app, context);
  app.addHook("onRequest", async (request, reply) => {
    inFlight.begin(reply.raw);
    countAnswer(context, request, reply);
  });
  for (const route of routes) addRoute(app, context, route, route.open ? [] : guards);
  app.server.maxConnections = settings.connectionLimit;
  try {
    await listen(app, settings);
  } catch (error) {
    context.feed.close();
    throw error;
  }
  const { port } = app.server.address() as AddressInfo;
  const host = settings.host.includes(":") ? `[${settings.host}]` : settings.host;
  return {
    url: `http://${host}:${port}`,
    port,
    async drain(time) {
      stop.abort();
      context.feed.close();
      const isDone = await inFlight.settled(time);
      app.server.closeAllConnections();
      await app.close();
      return isDone;
    },
  };
}

function createApp({ bodyLimit, requestTimeout }: HttpSettings): FastifyInstance {
  const app = fastify({
    bodyLimit,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: true,
    // Heads have to come in time; for bodies see `tooSlow`.
    requestTimeout: 0,
    keepAliveTimeout: 5000,
    http: {
      headersTimeout: requestTimeout,
      connectionsCheckingInterval: Math.min(1000, requestTimeout),
    },
    frameworkErrors: (_, __, reply) =>
      (reply as FastifyReply)
        .code(400)
        .send({ error: "Expected a path that can be read but received another one" }),
  });
  // Bodies are read, and refused by name, in the routes; their schemas are the document's.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  return app;
}

function readBodies(app: FastifyInstance, { requestTimeout }: HttpSettings): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(json, { parseAs: "string" }, async (_: unknown, text: string | Buffer) =>
    parse(text as string),
  );
  app.addContentTypeParser(
    binary,
    { parseAs: "buffer" },
    async (_: unknown, bytes: unknown) => bytes,
  );
  app.addContentTypeParser(ndjson, async (_: unknown, lines: unknown) => lines);
  // Of a client that sends slowly; lines may come for as long as they come.
  app.addHook("preParsing", async (request, reply) => {
    if (isLook(request) || isNdjson(request)) return;
    const timer = setTimeout(() => tooSlow(request, reply), requestTimeout);
    const clear = () => clearTimeout(timer);
    request.raw.once("end", clear);
    reply.raw.once("close", clear);
    if (request.raw.readableEnded) clear();
  });
  // Of one that does not fetch its answer.
  app.addHook("onSend", async (request) => {
    request.raw.socket.setTimeout(requestTimeout);
  });
}

/** Whether it changes nothing, and has no body. */
const isLook = ({ method }: FastifyRequest) => method === "GET" || method === "HEAD";

function tooSlow(request: FastifyRequest, reply: FastifyReply): void {
  const error = "Expected the whole request in time but part of it is missing; send it again";
  reply.hijack();
  reply.raw.writeHead(408, { "content-type": json, connection: "close" });
  reply.raw.end(JSON.stringify({ error }), () => request.raw.socket.destroy());
}

function answerFailures(app: FastifyInstance, { settings }: Context): void {
  app.setErrorHandler((error, _, reply) => {
    const failure = failureOf(error);
    if (!failure) settings.onFailure(error);
    const { status, error: sentence, retryAfter } = failure ?? inside;
    if (retryAfter !== undefined) reply.header("retry-after", retryAfter);
    if (status === 401) reply.header("www-authenticate", "Bearer");
    // What is left of a body is not waited for.
    if (status === 413 || status === 429 || status === 503) reply.header("connection", "close");
    return reply.code(status).type(json).send({ error: sentence });
  });
  app.setNotFoundHandler(({ method, url }) => {
    const known = routes.map((route) => `${route.method} ${route.url}`).join(", ");
    throw new Refusal(404, `Expected one of ${known} but received ${method} ${url.slice(0, 200)}`);
  });
}

/** What every request has to pass that is not for everyone, in this order. */
async function guardsOf(
  app: FastifyInstance,
  { settings, metrics, queue, draining }: Context,
): Promise<onRequestHookHandler[]> {
  const guards: onRequestHookHandler[] = [
    async () => {
      if (!draining.aborted) return;
      metrics.refused("ending");
      throw ending();
    },
  ];
  if (settings.token === undefined && isLoopback(settings.host))
    guards.push(async ({ headers }) => {
      if (asksForLoopback(headers.host)) return;
      throw new Refusal(
        421,
        `Expected localhost or 127.0.0.1 for the host but received ${JSON.stringify(headers.host ?? "")}; use ` +
          "one of them, or a token",
      );
    });
  if (settings.rateLimit > 0) {
    await app.register(rateLimit, {
      global: false,
      max: settings.rateLimit,
      timeWindow: 1000,
      errorResponseBuilder: () =>
        new Refusal(
          429,
          `Expected at most ${settings.rateLimit} requests a second from one address but received more; send ` +
            "several samples at once, or wait",
          1,
        ),
      onExceeded: () => metrics.refused("rate"),
    });
    guards.push(app.rateLimit() as unknown as onRequestHookHandler);
  }
  if (settings.token !== undefined) {
    await app.register(bearerAuth, {
      keys: [settings.token],
      addHook: false,
      verifyErrorLogLevel: false as unknown as string,
    });
    guards.push(async ({ headers }) => {
      // The scheme may be written in any case, which the check does not know.
      const [, credentials] = /^bearer +(.*)$/i.exec(headers.authorization ?? "") ?? [];
      if (credentials !== undefined) headers.authorization = `Bearer ${credentials}`;
    });
    guards.push(app.verifyBearerAuth as onRequestHookHandler);
  }
  guards.push(async (request, reply) => {
    // The largest body has to come in where there is nothing else.
    const bytes = Math.min(bytesOf(request, settings), queue.limit);
    if (bytes === 0) return;
    if (!queue.take(bytes)) {
      metrics.refused("queue");
      throw new Refusal(
        429,
        `Expected at most ${queue.limit} bytes of requests at once but there are more; ask again in a second`,
        1,
      );
    }
    reply.raw.once("close", () => queue.release(bytes));
  });
  return guards;
}

/** What a request takes besides its body. */
const bytesOfRequest = 2048;
const usualBody = 2 ** 20;

/** Bytes that a request keeps until it is answered; lines of a stream are counted one by one. */
function bytesOf(request: FastifyRequest, { bodyLimit }: HttpSettings): number {
  if (isLook(request)) return 0;
  const { headers } = request;
  const { media, dtype } = readContentType(headers["content-type"]);
  if (media === ndjson) return bytesOfRequest;
  // Of a body of unknown length what most have; it is cut off at the limit all the same.
  const length = Number(headers["content-length"] ?? usualBody);
  // A larger one is refused where it is read.
  const body = Math.min(Number.isFinite(length) ? length : bodyLimit, bodyLimit);
  // Bytes become numbers of four; texts of numbers objects, before they are float32.
  const times = media === json || dtype === "uint8" ? 4 : 1;
  return bytesOfRequest + times * body;
}

function countAnswer({ metrics }: Context, request: FastifyRequest, reply: FastifyReply): void {
  const begin = performance.now();
  const route = request.routeOptions.url ?? "none";
  reply.raw.once("close", () => {
    // Nobody was told what went before that.
    const status = reply.raw.writableFinished ? reply.raw.statusCode : 499;
    metrics.answered(request.method, route, status, (performance.now() - begin) / 1000);
  });
}

function addRoute(
  app: FastifyInstance,
  context: Context,
  route: Route,
  guards: readonly onRequestHookHandler[],
): void {
  const isOfValues = context.service.learner.model.loss === "meanSquaredError";
  const { method, url, handle } = route;
  const media = Object.keys(route.body?.(isOfValues) ?? {});
  app.route({
    method,
    url,
    // As GET, without a body.
    ...(method === "GET" && { exposeHeadRoute: true }),
    schema: describeRoute(route, isOfValues, context.settings.token !== undefined),
    onRequest: [...guards],
    preParsing: async (request) => {
      if (media.length === 0) return;
      const given = request.headers["content-type"];
      if (!media.includes(readContentType(given).media))
        throw new MediaTypeError(
          `Expected ${media.join(", ")} for the content type of ${url} but received ` +
            `${given === undefined ? "none" : JSON.stringify(given)}; send one of them`,
        );
    },
    handler: async (request, reply) => {
      if (method === "GET") return handle(context, request, reply);
      try {
        return await handle(context, request, reply);
      } finally {
        // All but looks may have changed what a checkpoint holds.
        context.service.countRequest();
      }
    },
  });
}

async function listen(app: FastifyInstance, { host, port }: HttpSettings): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    await app.close();
    throw new InputError(
      `Expected to be able to listen on ${host}:${port} but got ${code}; choose another host or port, or end ` +
        "what listens there",
      { cause: error },
    );
  }
}
