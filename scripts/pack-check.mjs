// What a user gets: packs the packages, puts the tarballs of each package and of what it needs
// into an empty project without a registry, and runs the examples of its README, and the HTTP service
// of examples/. They must print what the README says they print, `require` must give what `import`
// gives, and the types must compile as they are, without the optional peers and without
// `skipLibCheck`. Where the portable kernels were built, their package beside kernels-cuda must run
// natively without a compiler.
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkPlatformPackage } from "./release/check-package.mjs";
import { hasBinaries, writePlatformPackage } from "./release/platform-package.mjs";
import { packageName, platformHere } from "./release/platforms.mjs";
import { packFolder } from "./release/tarballs.mjs";
import { checkHttpService } from "./shared/http-service.mjs";
import { comparePrinted, examplesOf, run } from "./shared/printed.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * One row per package. `needs` are further packages of ours. `unpack`: tarballs are only unpacked,
 * because npm would fetch the tools of the native build, which the example does without, or packages
 * of others. `link`: scopes and packages of others that are lent from this repository. `isModule`:
 * cannot be required, and its types need Node's.
 */
const projects = [
  { name: "planner", needs: [] },
  { name: "compensation", needs: [] },
  { name: "ocl-algorithms", needs: [] },
  { name: "pipeline", needs: ["planner", "compensation", "ocl-algorithms"], link: ["@tensorflow"] },
  { name: "kernels-cuda", needs: ["compensation"], unpack: true },
  {
    name: "tfjs-node-build",
    needs: [],
    unpack: true,
    link: ["@types", "node-api-headers"],
    isModule: true,
  },
  {
    name: "server",
    needs: ["planner", "compensation", "ocl-algorithms", "pipeline"],
    unpack: true,
    link: ["@tensorflow", "@types", "@fastify", "@nats-io", "fastify", "prom-client"],
    isModule: true,
  },
];

const workplace = mkdtempSync(join(tmpdir(), "ferret-pack-"));
try {
  const tarballs = pack(projects.map(({ name }) => name));
  const complaints = projects.flatMap((project) => checkPackage(project, tarballs));
  const service = "http-service.mjs";
  copyFileSync(join(root, "examples", service), join(workplace, "pipeline", service));
  complaints.push(...(await checkHttpService(service, join(workplace, "pipeline"))));
  complaints.push(...checkBinaries(tarballs));
  for (const complaint of complaints) console.error(complaint);
  process.exitCode = complaints.length === 0 ? 0 : 1;
} finally {
  rmSync(workplace, { recursive: true, force: true });
}

/** Packs all of them in one go; gives the tarball's path by name. */
function pack(names) {
  const workspaces = names.flatMap((name) => ["--workspace", `packages/${name}`]);
  const packed = run(
    "npm",
    ["pack", "--json", "--pack-destination", workplace, ...workspaces],
    root,
  );
  const files = new Map(JSON.parse(packed).map(({ name, filename }) => [name, filename]));
  return new Map(names.map((name) => [name, join(workplace, files.get(`@ferret-ocl/${name}`))]));
}

/** The package of this platform, where its binaries were built. */
function checkBinaries(tarballs) {
  const platform = platformHere();
  const binaries = join(root, "packages", "kernels-cuda", "build", "Portable");
  if (platform === null || !hasBinaries(binaries)) {
    const why = platform ? "none were built (npm run test:portable)" : "there is none for this one";
    console.log(`Skipped: the package of native binaries for a platform, as ${why}`);
    return [];
  }
  const written = writePlatformPackage(platform, {
    root,
    binaries,
    folder: join(workplace, "platform"),
  });
  const all = new Map([...tarballs].map(([name, tarball]) => [`@ferret-ocl/${name}`, tarball]));
  all.set(packageName(platform), packFolder(written, workplace));
  return checkPlatformPackage(platform, all, join(workplace, "binaries"), { settings: null });
}

/** @returns {string[]} what is wrong, in sentences */
function checkPackage({ name, needs, unpack = false, link = [], isModule = false }, tarballs) {
  const folder = join(workplace, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  const tarball = tarballs.get(name);
  if (unpack) {
    for (const each of [...needs, name]) {
      const place = join(folder, "node_modules", "@ferret-ocl", each);
      mkdirSync(place, { recursive: true });
      run("tar", ["-xzf", tarballs.get(each), "--strip-components=1", "-C", place], folder);
    }
  } else {
    const all = [...needs.map((need) => tarballs.get(need)), tarball];
    run("npm", ["install", "--offline", "--no-audit", "--no-fund", ...all], folder);
  }
  const lend = () => {
    for (const scope of link)
      symlinkSync(join(root, "node_modules", scope), join(folder, "node_modules", scope));
  };
  if (isModule) lend();
  const complaints = compileTypes(`@ferret-ocl/${name}`, folder, isModule);
  if (!isModule) {
    lend();
    complaints.push(...compareModuleFormats(`@ferret-ocl/${name}`, folder));
  }
  const readme = join(root, "packages", name, "README.md");
  const examples = existsSync(readme) ? examplesOf(readFileSync(readme, "utf8")) : [];
  if (examples.length === 0) {
    const wanted = "a ```js block followed by its output in a ```text block";
    return [...complaints, `Expected packages/${name}/README.md to hold ${wanted}`];
  }
  for (const [index, { code, output }] of examples.entries()) {
    const script = `example-${index + 1}.mjs`;
    writeFileSync(join(folder, script), code);
    const title = `example ${index + 1} of packages/${name}/README.md`;
    complaints.push(...comparePrinted(title, script, folder, output));
  }
  return complaints;
}

/** As a project compiles them that checks its libraries too, in each module format there is. */
function compileTypes(specifier, folder, isModule) {
  const source = `import * as all from "${specifier}";\nexport const kept: typeof all = all;\n`;
  const files = isModule ? ["types.mts"] : ["types.mts", "types.cts"];
  for (const file of files) writeFileSync(join(folder, file), source);
  const options = {
    target: "ES2022",
    lib: ["ES2023"],
    module: "NodeNext",
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    types: isModule ? ["node"] : [],
  };
  const settings = { compilerOptions: options, files };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings));
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const { status, stdout } = spawnSync(process.execPath, [compiler, "-p", folder], {
    encoding: "utf8",
  });
  return status === 0
    ? []
    : [`Expected the types of ${specifier} to compile but: ${stdout.trim()}`];
}

function compareModuleFormats(specifier, folder) {
  const script = `
    import * as imported from "${specifier}";
    import { createRequire } from "node:module";
    const required = createRequire(import.meta.url)("${specifier}");
    const names = (module) => Object.keys(module).sort().join(" ");
    console.log(names(imported) === names(required) && names(imported) !== "");
  `;
  const same = run(process.execPath, ["--input-type=module", "--eval", script], folder).trim();
  return same === "true" ? [] : [`Expected import and require of ${specifier} to give the same`];
}
