// What a binary asks of the system it is loaded on: libraries that every system with Node has, and of
// glibc nothing newer than what Node's own builds ask for.
import { execFileSync } from "node:child_process";

/** Newest version of each library's symbols that may be asked for. */
const newest = { GLIBC: [2, 28], GCC: [4, 2, 0] };

/** What Node itself needs, so that it is there. */
const libraries = /^(libc|libm|libdl|libpthread|libgcc_s|ld-linux[-\w]*)\.so\.\d+$/;

/**
 * What keeps a binary from loading on an older system, in sentences.
 * @param {string} path of an ELF file
 */
export function complaintsAbout(path) {
  const read = (flag) => execFileSync("objdump", [flag, path], { encoding: "utf8" });
  return complaintsAboutSymbols(path, read("-T"), read("-p"));
}

/**
 * The same from what objdump prints.
 * @param {string} path
 * @param {string} symbols of `objdump -T`
 * @param {string} headers of `objdump -p`
 */
export function complaintsAboutSymbols(path, symbols, headers) {
  const complaints = [];
  // As in "0000000000000000  w   D  *UND*	0000000000000000 (GLIBC_2.2.5) malloc".
  const line = /^\w+[ ]+(w?).*\*UND\*[ \t]+\w+[ \t]+\(?([\w.]+)\)?[ \t]+(\S+)$/gm;
  for (const [, weak, version, symbol] of symbols.matchAll(line)) {
    if (version === "Base") {
      // Node's, or what may be missing.
      if (!weak && !symbol.startsWith("napi_"))
        complaints.push(`Expected ${path} to bring ${symbol} along but it asks the system for it`);
      continue;
    }
    const [, family, number] = /^([A-Z]+)_([\d.]+)$/.exec(version) ?? [null, version, ""];
    const limit = newest[family];
    if (limit === undefined)
      complaints.push(`Expected ${path} to need none of ${family} but ${symbol} is ${version}`);
    else if (isNewer(number.split(".").map(Number), limit))
      complaints.push(
        `Expected nothing newer than ${family}_${limit.join(".")} in ${path} but ${symbol} is ${version}: ` +
          "bind an older one in packages/kernels-cuda/native/portable/older_glibc.cc",
      );
  }
  for (const [, library] of headers.matchAll(/^\s*NEEDED\s+(\S+)$/gm))
    if (!libraries.test(library))
      complaints.push(`Expected ${path} to need no library beside Node's but it needs ${library}`);
  return complaints;
}

function isNewer(version, limit) {
  for (const [index, part] of limit.entries())
    if ((version[index] ?? 0) !== part) return (version[index] ?? 0) > part;
  return version.length > limit.length && version.slice(limit.length).some((part) => part > 0);
}
