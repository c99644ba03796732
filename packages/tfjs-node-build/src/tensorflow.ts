import { existsSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "./errors.js";
import { runCommand } from "./run-command.js";

/** An installed TensorFlow that an addon can be linked to. */
export interface TensorFlow {
  /** Such as 2.21.0; `unknown` where its package does not say. */
  readonly version: string;
  /** The Python package's folder, which holds the libraries and the headers. */
  readonly folder: string;
  /** Whether it was built for CUDA. */
  readonly hasCuda: boolean;
  /** The interpreter that it was found with. */
  readonly python: string;
}

/** The TensorFlow that the addon has been built and tried with. */
export const triedWith = "2.21";

/** What the addon is linked to, in the Python package's folder. */
export const libraries = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"] as const;

/** The header that the addon needs and that came last. */
const lateHeader = join("include", "tensorflow", "core", "platform", "ctstring_internal.h");

/**
 * Looks without importing TensorFlow, which takes seconds and needs its dependencies. Python's own
 * working folder is no place to take packages from.
 */
const probe = `
import json, os, sys
sys.path = [place for place in sys.path if place]
import importlib.metadata, importlib.util, runpy
spec = importlib.util.find_spec("tensorflow")
folder = os.path.dirname(spec.origin) if spec and spec.origin else None
version, cuda = "unknown", False
if folder:
    for name in ("tensorflow", "tensorflow-cpu", "tf-nightly", "tf-nightly-cpu"):
        try:
            version = importlib.metadata.version(name)
            break
        except importlib.metadata.PackageNotFoundError:
            pass
    try:
        told = runpy.run_path(os.path.join(folder, "python", "platform", "build_info.py"))
        cuda = bool(told["build_info"]["is_cuda_build"])
    except (OSError, KeyError):
        pass
print(json.dumps({"folder": folder and os.path.realpath(folder), "version": version, "hasCuda": cuda}))
`;

/**
 * Finds TensorFlow with the interpreter that was named, or else with the first of `python3` and
 * `python` that has it.
 * @param named an interpreter; by default what FERRET_PYTHON names.
 * @param package_ what to install where there is none, such as `tensorflow-cpu`.
 * @throws InputError where there is no Python, no TensorFlow, or one without the libraries.
 */
export async function findTensorFlow(
  named: string | undefined,
  package_: string,
  signal?: AbortSignal,
): Promise<TensorFlow> {
  const asked = named ?? (process.env.FERRET_PYTHON || undefined);
  const lacking: string[] = [];
  let broken: string | null = null;
  for (const python of asked === undefined ? ["python3", "python"] : [asked]) {
    const { status, stdout, stderr, trouble } = await runCommand(python, ["-c", probe], {
      signal,
      limit: 60_000,
    });
    if (status === 0) {
      const found = JSON.parse(stdout.trim().split("\n").at(-1) as string);
      if (found.folder !== null) return checked({ ...found, python });
      lacking.push(python);
    } else if (asked !== undefined || !trouble?.includes("ENOENT"))
      broken ??= `${python} does not run (${trouble ?? lastLine(stderr)})`;
  }
  const [python] = lacking;
  if (python !== undefined)
    throw new InputError(
      `Expected Python with TensorFlow but ${lacking.join(" and ")} ${lacking.length > 1 ? "have" : "has"} none; ` +
        `run ${python} -m pip install ${package_}, or name another interpreter with --python or ` +
        "FERRET_PYTHON",
    );
  throw new InputError(
    `Expected Python with TensorFlow but ${broken ?? "found neither python3 nor python"}; install ` +
      `Python and ${package_}, or name an interpreter with --python or FERRET_PYTHON`,
  );
}

/** @throws InputError unless the addon can be linked to it. */
function checked(found: TensorFlow): TensorFlow {
  const missing = [...libraries, lateHeader].find((name) => !existsSync(join(found.folder, name)));
  if (missing !== undefined)
    throw new InputError(
      `Expected ${missing} in TensorFlow but ${found.version} in ${found.folder} is too old to have ` +
        `it; install TensorFlow ${triedWith} with ${found.python} -m pip install --upgrade`,
    );
  if (/[:$]/.test(found.folder))
    throw new InputError(
      `Expected TensorFlow in a folder without : or $, which the linker reads otherwise, but it is in ` +
        `${found.folder}; install it in another place`,
    );
  return found;
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) || "it printed nothing";
}
