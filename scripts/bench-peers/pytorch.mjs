// Debian's PyTorch: found, or installed where that is allowed.
import { spawnSync } from "node:child_process";
import { StepError } from "../setup/step.mjs";
import { aptAccess, installSystemPackages } from "../setup/system-packages.mjs";

export const python = "/usr/bin/python3";

// Debian's PyTorch takes its matrix products from whatever libblas.so.3 stands for. The reference
// implementation is tens of times slower than the machine allows: a ratio against it means nothing.
const packages = ["python3-torch", "libopenblas0-pthread"];
const probe = `
import os, torch
torch.ones(2, 2) @ torch.ones(2, 2)
paths = {line.split()[-1] for line in open("/proc/self/maps") if "/" in line}
print(any(name in path for path in paths for name in ("openblas", "libmkl", "blis", "atlas")))`;

/**
 * Makes PyTorch with a fast BLAS available.
 * @returns {Promise<{ found: boolean, notes: string[] }>} `notes` say what is missing, a line each
 */
export async function providePyTorch() {
  let state = look();
  let reason = "";
  if (state !== "fast") {
    const access = aptAccess();
    if ("reason" in access) reason = access.reason;
    else {
      try {
        await installSystemPackages(packages, access, {});
        state = look();
        reason = "not offered by this distribution, or for another Python";
      } catch (error) {
        if (!(error instanceof StepError)) throw error;
        reason = error.message;
      }
    }
  }
  if (state === "fast") return { found: true, notes: [] };
  if (state === "missing")
    return {
      found: false,
      notes: [
        `PyTorch is missing (${reason}); install ${packages.join(" and ")}: only ours is run`,
      ],
    };
  return {
    found: true,
    notes: [
      `PyTorch runs on the slow reference BLAS (${reason}), so models with dense layers flatter ` +
        "us; install libopenblas0-pthread",
    ],
  };
}

/** @returns {"fast" | "slow" | "missing"} */
function look() {
  const { status, stdout } = spawnSync(python, ["-c", probe], { encoding: "utf8" });
  if (status !== 0) return "missing";
  return stdout.trim() === "True" ? "fast" : "slow";
}
