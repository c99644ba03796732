import { vanilla } from "@ferret-ocl/ocl-algorithms";

/** Milliseconds that its state takes to be saved: so long a learner stands still for a checkpoint. */
export const pause = 1000;

/** `vanilla` whose state is long in the making. */
export function createSlow(...parts) {
  return Object.assign(vanilla(...parts), {
    name: "slow",
    save() {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
      return new Uint8Array(0);
    },
    restore() {},
  });
}
