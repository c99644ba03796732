import { expect, it } from "vitest";

// A script of the repository, which has no types.
const script = new URL("../../../scripts/release/symbols.mjs", import.meta.url).href;
const { complaintsAboutSymbols } = (await import(script)) as {
  complaintsAboutSymbols(path: string, symbols: string, headers: string): string[];
};

const symbol = (name: string, version: string, kind = "      DF") =>
  `0000000000000000 ${kind} *UND*\t0000000000000000 ${version} ${name}`;
const complain = (...symbols: string[]) =>
  complaintsAboutSymbols("x.node", symbols.join("\n"), "  NEEDED               libc.so.6\n");

it("a binary for old systems may ask for what is old, for Node's functions and what may be missing", () => {
  const old = symbol("malloc", "(GLIBC_2.2.5)");
  const limit = symbol("memfd_create", "(GLIBC_2.28)");
  const unwinder = symbol("_Unwind_Resume", "(GCC_3.0)");
  const ofNode = symbol("napi_throw", " Base       ");
  const weak = symbol("__gmon_start__", " Base       ", " w   D ");
  expect(complain(old, limit, unwinder, ofNode, weak)).toEqual([]);
});

it("what an older system lacks is named", () => {
  expect(complain(symbol("lstat", "(GLIBC_2.33)"))).toEqual([
    "Expected nothing newer than GLIBC_2.28 in x.node but lstat is GLIBC_2.33: " +
      "bind an older one in packages/kernels-cuda/native/portable/older_glibc.cc",
  ]);
  expect(complain(symbol("a", "(GLIBC_2.28.1)"), symbol("b", "(GLIBC_3.0)"))).toHaveLength(2);
  expect(complain(symbol("_ZSt4cout", "(GLIBCXX_3.4)"))).toEqual([
    "Expected x.node to need none of GLIBCXX but _ZSt4cout is GLIBCXX_3.4",
  ]);
  expect(complain(symbol("dnnl_sgemm", " Base       "))).toEqual([
    "Expected x.node to bring dnnl_sgemm along but it asks the system for it",
  ]);
  expect(complaintsAboutSymbols("x.node", "", "  NEEDED               libdnnl.so.2\n")).toEqual([
    "Expected x.node to need no library beside Node's but it needs libdnnl.so.2",
  ]);
});
