import { runtimeNames } from "@ferret-ocl/pipeline";
import { isInput } from "../errors.js";
import { loadMachinery } from "../machinery.js";
import { parseName } from "../parse.js";
import type { RunOrder, WorkerReport, WorkerStart } from "./messages.js";
import { CaseRunner } from "./run-case.js";
import { timedMachinery } from "./timed-machinery.js";

// A process that makes runs of a suite, one at a time, as the one that started it asks for them. It keeps nothing
// on disk, and ends with the process that started it.

const { runtime, dataDir } = JSON.parse(process.argv[2] as string) as WorkerStart;
// Ctrl-C in a terminal goes to all of its programs; when to end is for the suite to say.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
process.on("disconnect", () => process.exit());

const { machinery, mathTime } = timedMachinery(
  await loadMachinery(parseName(runtime, "--runtime", runtimeNames)),
);
const runner = new CaseRunner(machinery, dataDir);
process.on("message", async ({ key, case: one, checkpoint }: RunOrder) => {
  try {
    const before = mathTime();
    const record = await runner.run(one, checkpoint);
    send({ kind: "done", key, record, mathTime: mathTime() - before });
  } catch (error) {
    const { message, stack } = error as Error;
    send({
      kind: "failed",
      key,
      message: isInput(error) ? message : (stack ?? message),
      isInput: isInput(error),
    });
  }
});
send({ kind: "ready" });

function send(report: WorkerReport): void {
  process.send?.(report);
}
