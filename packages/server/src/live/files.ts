import { readFileSync } from "node:fs";

/** A file of the live page. */
export interface LiveFile {
  readonly type: string;
  readonly text: string;
}

/** Where this file is, in `src/live` or, bundled, in `dist`, the page's own are built beside. */
const built = new URL(
  import.meta.url.endsWith(".ts") ? "../../dist/live/" : "live/",
  import.meta.url,
);
const read = (name: string) => readFileSync(new URL(name, built), "utf8");

/**
 * The files of the live page, by path; they refer to nothing else. The page reads `events` and, if it
 * may change something, sends `POST plan`.
 */
export function liveFiles(): ReadonlyMap<string, LiveFile> {
  return new Map([
    ["/", { type: "text/html; charset=utf-8", text: read("page.html") }],
    ["/page.js", { type: "text/javascript; charset=utf-8", text: read("page.js") }],
    ["/page.css", { type: "text/css; charset=utf-8", text: read("page.css") }],
  ]);
}

/** What a browser may do on the page: nothing but what comes from where it came from. */
export const livePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
