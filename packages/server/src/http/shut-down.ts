import type { Service } from "../service.js";
import type { HttpServer } from "./server.js";

/** How a service ended. */
export interface Ending {
  /** Whether every request that had come was answered. */
  readonly answered: boolean;
  /** Whether a checkpoint was written; false also where there is no folder for it. */
  readonly saved: boolean;
}

/**
 * Ends a service within a time: finishes what is under way, writes the checkpoint, and closes. What
 * requests still wait for after two thirds of it is cut off, so that there is time to write.
 *
 * @param time milliseconds.
 * @param saves whether the checkpoint is written; not where what was followed has been cut off, whose
 *   messages it would hold half.
 * @throws InputError where the checkpoint cannot be written.
 */
export async function shutDown(
  server: HttpServer,
  service: Service,
  time: number,
  saves = true,
): Promise<Ending> {
  const deadline = performance.now() + time;
  const answered = await server.drain((2 * time) / 3);
  const left = () => Math.max(0, deadline - performance.now());
  try {
    const saved = saves && service.state !== undefined && (await within(service.save(), left()));
    return { answered, saved };
  } finally {
    // Also where it could not be written: threads end, and the folder is free again.
    await within(service.close(), left());
  }
}

/** Whether something ends in time; what it throws is thrown. */
async function within(work: Promise<unknown>, time: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), time);
  });
  try {
    return await Promise.race([work.then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}
