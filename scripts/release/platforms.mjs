// The packages of native binaries, one for each platform. kernels-cuda looks for a package of this
// name (packages/kernels-cuda/src/candidates.ts).

/**
 * @typedef {{ name: string, os: string, cpu: string, libc?: string, tried: boolean }} Platform
 * `tried`: made and run on such a machine. The others are made by the same steps, which have not been
 * run there.
 */

/** @type {Platform[]} */
export const platforms = [
  { name: "linux-x64", os: "linux", cpu: "x64", libc: "glibc", tried: true },
  { name: "linux-arm64", os: "linux", cpu: "arm64", libc: "glibc", tried: false },
  { name: "darwin-arm64", os: "darwin", cpu: "arm64", tried: false },
];

/** Name of a platform's package on the registry. @param {Platform} platform */
export const packageName = ({ name }) => `@ferret-ocl/kernels-${name}`;

/** The platform of this machine; null where no package is made for it. @returns {Platform | null} */
export function platformHere() {
  const { platform, arch } = process;
  return platforms.find(({ os, cpu }) => os === platform && cpu === arch) ?? null;
}
