import { expect, it } from "vitest";
import { buildRemedy, missingPackages } from "../src/remedy.js";

const machine = (environment: Record<string, string>, ...paths: string[]) => ({
  environment: { PATH: "/bin:/opt/bin", ...environment },
  has: (path: string) => paths.includes(path),
});
const tools = ["/opt/bin/clang++", "/bin/cmake", "/bin/make"];

it("the remedy names all that is missing and nothing that is there", () => {
  expect(missingPackages(machine({}))).toEqual(["g++", "cmake", "make", "libdnnl-dev"]);
  expect(missingPackages(machine({ CXX: "/my/c++" }, "/bin/ninja"))).toEqual([
    "cmake",
    "libdnnl-dev",
  ]);
  expect(missingPackages(machine({}, ...tools))).toEqual(["libdnnl-dev"]);
  expect(missingPackages(machine({}, ...tools, "/usr/include/dnnl.hpp"))).toEqual([]);
  expect(missingPackages(machine({ CPATH: "/mine" }, ...tools, "/mine/dnnl.hpp"))).toEqual([]);
});

it("the remedy is a command of the place where the package is", () => {
  const complete = machine({}, ...tools, "/usr/include/dnnl.hpp");
  expect(buildRemedy(null, complete)).toBe("run npm run setup");
  expect(buildRemedy("/usr/lib/a/@b/kernels-cuda", complete)).toBe(
    "run npm --prefix /usr/lib/a/@b/kernels-cuda run build:native",
  );
  expect(buildRemedy("/my files/a", complete)).toBe(
    'run npm --prefix "/my files/a" run build:native',
  );
  expect(buildRemedy(null, machine({}, ...tools))).toBe(
    "install libdnnl-dev (Debian's names of what is missing), and run npm run setup",
  );
});
