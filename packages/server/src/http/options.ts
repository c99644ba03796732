import { isIP } from "node:net";
import { readBytes, readDuration } from "@ferret-ocl/planner";
import { expected, InputError } from "../errors.js";

/** Where a service listens, to whom, and how much at once. */
export interface HttpOptions {
  /** Address or name to listen on; default 127.0.0.1, which only this machine reaches. */
  readonly host?: string;
  /** Default 8080; 0: any that is free. */
  readonly port?: number;
  /** What clients have to send as a bearer token; default: nothing. */
  readonly token?: string | undefined;
  /** Listens beyond this machine without a token; default: that is refused. */
  readonly open?: boolean;
  /** The most bytes of a body, or of a line of a stream of lines; default 16 MiB. */
  readonly bodyLimit?: number | string;
  /** The most bytes of requests at once; more are answered 429. Default 64 MiB. */
  readonly queueLimit?: number | string;
  /** The most connections at once; more are closed. Default 1,024. */
  readonly connectionLimit?: number;
  /** The most requests a second from one address; more are answered 429. Default 0: any number. */
  readonly rateLimit?: number;
  /**
   * Time in which a request has to have come, and an answer to have been fetched; of a stream of lines, the
   * longest pause. Such as `30s`, the default, or milliseconds.
   */
  readonly requestTimeout?: number | string;
  /** Called with what failed in here. Default: written to standard error. */
  readonly onFailure?: (error: unknown) => void;
}

/** Options as they hold. */
export interface HttpSettings {
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
  readonly bodyLimit: number;
  readonly queueLimit: number;
  readonly connectionLimit: number;
  readonly rateLimit: number;
  readonly requestTimeout: number;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Looks at options before there is anything to serve.
 * @throws InputError where one is wrong, or others than this machine would reach the service without a
 *   token.
 */
export function checkHttpOptions(options: HttpOptions): void {
  readHttpOptions(options);
}

/** As `checkHttpOptions`, with what holds where nothing is said. */
export function readHttpOptions(options: HttpOptions): HttpSettings {
  const { host = "127.0.0.1", port = 8080, token, open = false } = options;
  const { connectionLimit = 1024, rateLimit = 0 } = options;
  if (!isWhole(port, 0) || port > 65_535) throw expected("a port from 0 to 65535", "port", port);
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    throw new InputError(
      "Expected a token of visible characters without spaces but it has others, or none; choose another one",
    );
  if (!isLoopback(host) && token === undefined && !open)
    throw new InputError(
      `Expected a token for a service that others than this machine reach, at ${host}, but received none; ` +
        "give one, listen on 127.0.0.1, or say that it may be open to all",
    );
  if (!isWhole(connectionLimit, 1))
    throw expected("a whole number of at least 1", "connectionLimit", connectionLimit);
  if (!isWhole(rateLimit, 0)) throw expected("a whole number, or 0,", "rateLimit", rateLimit);
  const bodyLimit = readBytes(options.bodyLimit ?? "16MiB", "bodyLimit");
  const queueLimit = readBytes(options.queueLimit ?? "64MiB", "queueLimit");
  if (queueLimit < bodyLimit)
    throw expected(`at least the body limit, ${bodyLimit} bytes,`, "queueLimit", queueLimit);
  return {
    host,
    port,
    token,
    bodyLimit,
    queueLimit,
    connectionLimit,
    rateLimit,
    requestTimeout: readDuration(options.requestTimeout ?? "30s", "requestTimeout"),
    onFailure: options.onFailure ?? ((error) => console.error(error)),
  };
}

const isWhole = (value: unknown, least: number) =>
  Number.isSafeInteger(value) && (value as number) >= least;

/** Whether only this machine reaches it. */
export function isLoopback(host: string): boolean {
  if (host === "localhost" || host === "::1") return true;
  return isIP(host) === 4 && host.startsWith("127.");
}
