import type { FastifyReply, FastifyRequest } from "fastify";
import type { LiveFeed } from "../live/feed.js";
import type { ServiceMetrics } from "../metrics/service-metrics.js";
import type { Service } from "../service.js";
import type { ByteQueue } from "./byte-queue.js";
import type { HttpSettings } from "./options.js";

/** What every route acts on. */
export interface Context {
  readonly service: Service;
  readonly settings: HttpSettings;
  readonly metrics: ServiceMetrics;
  readonly queue: ByteQueue;
  /** What live pages read. */
  readonly feed: LiveFeed;
  /** Aborted when the service ends: what is under way is finished, nothing new begins. */
  readonly draining: AbortSignal;
  /** The OpenAPI document. */
  describe(): object;
}

/** A JSON schema, as OpenAPI has it. */
export type Schema = Readonly<Record<string, unknown>>;

/** By content type, what a body may be. */
type Bodies = Readonly<Record<string, Schema>>;

/** A route: how it is called, what it takes and gives, and what it does. */
export interface Route {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly summary: string;
  readonly description?: string;
  /** Needs no token. */
  readonly open?: boolean;
  readonly query?: Readonly<Record<string, Schema>>;
  /** The bodies of a service of classes, or of values. */
  body?(isOfValues: boolean): Bodies;
  /** By status, what it answers by content type; errors come in addition. */
  answers(isOfValues: boolean): Readonly<Record<number, { description: string; content: Bodies }>>;
  /** Statuses of errors besides 400, 401, 413, 415, 429 and 503. */
  readonly errors?: Readonly<Record<number, string>>;
  handle(context: Context, request: FastifyRequest, reply: FastifyReply): unknown;
}
