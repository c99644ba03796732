// A registry that knows the tarballs of a folder and nothing else, for npm as the registry of our scope:
// what is optional, what fits a platform and what lies where is then npm's doing, as it will be after
// the release. It is a process of its own, since those who ask wait for npm in theirs.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { manifestOf } from "./tarballs.mjs";

/**
 * Serves a folder on this machine until `close` is called or this process ends.
 * @param {string} folder with tarballs
 * @returns {Promise<{ settings: string[], close: () => void }>} lines of an npmrc that name the registry
 */
export async function serveTarballs(folder) {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), folder], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const first = await Promise.race([once(child.stdout, "data"), once(child, "close")]);
  const url = String(first[0]).trim();
  if (!url.startsWith("http"))
    throw new Error(`Expected a registry of ${folder} but it ended with ${url}`);
  return {
    settings: [`@ferret-ocl:registry=${url}`, "noproxy=127.0.0.1"],
    close: () => child.kill(),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = createServer(answer);
  const folder = process.argv[2];
  const files = readdirSync(folder).filter((file) => file.endsWith(".tgz"));
  const packages = files.map((file) => ({ file, ...manifestOf(join(folder, file)) }));

  function answer({ url, headers }, response) {
    const path = decodeURIComponent(url).slice(1);
    const tarball = files.find((file) => path === `-/${file}`);
    if (tarball !== undefined) return response.end(readFileSync(join(folder, tarball)));
    const versions = packages.filter(({ name }) => name === path);
    response.setHeader("content-type", "application/json");
    response.setHeader("cache-control", "no-store");
    if (versions.length === 0) {
      response.statusCode = 404;
      return response.end("{}");
    }
    const entries = versions.map(({ file, ...manifest }) => {
      const hash = createHash("sha512").update(readFileSync(join(folder, file)));
      const dist = {
        tarball: `http://${headers.host}/-/${file}`,
        integrity: `sha512-${hash.digest("base64")}`,
      };
      return [manifest.version, { ...manifest, dist }];
    });
    const latest = versions.at(-1).version;
    return response.end(
      JSON.stringify({
        name: path,
        "dist-tags": { latest },
        versions: Object.fromEntries(entries),
      }),
    );
  }

  server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
  process.stdin.resume().on("end", () => process.exit());
}
