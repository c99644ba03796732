import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expected, InputError } from "../errors.js";
import { asksForLoopback } from "../http/own-names.js";
import { LiveFeed } from "./feed.js";
import { liveFiles, livePolicy } from "./files.js";
import type { LiveSnapshot } from "./snapshot.js";

/** A live page that is being served. */
export interface LivePage {
  /** Where to read it. */
  readonly address: string;
  /** Tells a last time what is now, and ends. */
  close(): Promise<void>;
}

/**
 * Serves the live page of something that learns, on the loopback interface, for whoever can read there.
 *
 * @param look what is now; called twice a second, with whether anybody reads.
 * @param port 0: any that is free.
 * @throws InputError if the port cannot be had.
 */
export async function openLivePage(
  look: (isRead: boolean) => LiveSnapshot,
  port = 0,
): Promise<LivePage> {
  if (!(Number.isInteger(port) && port >= 0 && port < 65536))
    throw expected("a whole number from 0 to 65535", "port", port);
  const files = liveFiles();
  const feed = new LiveFeed(look);
  const server = createServer((request, response) => {
    const [path = ""] = (request.url ?? "").split("?");
    const file = files.get(path);
    if (!asksForLoopback(request.headers.host)) response.writeHead(421).end();
    else if (request.method !== "GET" && request.method !== "HEAD")
      response.writeHead(405, { allow: "GET, HEAD" }).end();
    else if (path === "/events" && request.method === "HEAD")
      response.writeHead(200, feed.headers).end();
    else if (path === "/events") feed.answer(response);
    else if (file)
      response
        .writeHead(200, { "content-type": file.type, "content-security-policy": livePolicy })
        .end(file.text);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", ({ message }) => {
      feed.close();
      reject(
        new InputError(
          `Expected a free port for the live page but received ${port} (${message}); choose another one, ` +
            "or 0 for any",
        ),
      );
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  // The page does not keep a program alive that has come to its end.
  server.unref();
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      feed.close(true);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 200).unref();
      });
    },
  };
}
