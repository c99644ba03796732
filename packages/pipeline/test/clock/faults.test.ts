// Each fault is met in a process of its own, for the process is what must end; built JavaScript.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("./faulty-run.mjs", import.meta.url));

/** Milliseconds after which a process counts as one that never ends. */
const limit = 45_000;

/** What a process printed, by line, and its exit code; null where it had to be killed. */
function run(learner: string, fault: string): Promise<{ lines: string[]; code: number | null }> {
  const child = spawn(process.execPath, [script, learner, fault], { timeout: limit });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
    });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ lines: printed.trimEnd().split("\n"), code }));
  });
}

const onThread = (where: string, cause: string) =>
  new RegExp(`^Thread [01] failed in the ${where} pass of item \\d+, stage [01]: ${cause}$`);
const disorder = "the algorithm is out of order";

const faults: Readonly<Record<string, RegExp>> = {
  compose: /^the algorithm is out of order$/,
  attached: /^Thread 2 failed in the composition of item 19: the algorithm is out of order$/,
  attachedExit:
    /^Thread 2 failed in the composition of item 19: the thread ended with exit code 3$/,
  allocation: /^Expected algorithm to fit the memory budget of 1000000 bytes/,
  prediction: /^the prediction is not wanted$/,
  loss: onThread("forward", disorder),
  uncloneable: onThread("forward", disorder),
  update: onThread("backward", disorder),
  exit: onThread("backward", "the thread ended with exit code 3"),
};

describe.concurrent("a process in which a run fails ends by itself", () => {
  const cases = [
    ...Object.keys(faults).map((fault) => ["threads", fault] as const),
    ...["compose", "prediction", "exit"].map((fault) => ["threads-scheduled", fault] as const),
  ];

  it.each(cases)("%s, by the fault: %s", { timeout: 2 * limit }, async (learner, fault) => {
    const { lines, code } = await run(learner, fault);
    expect(lines[0]).toMatch(faults[fault] as RegExp);
    expect(lines.slice(1, 3)).toEqual([
      fault === "allocation" ? "FERRET_INPUT" : "no code",
      "soon",
    ]);
    // What is half done is not gone on with.
    expect(lines[3]).toMatch(/^Expected no observe after a failure but the learner ended with "/);
    expect([lines.length, code]).toEqual([4, 7]);
  });

  it(
    "threads, where the caller fails and forgets the learner",
    async () => {
      const { lines, code } = await run("threads", "caller");
      expect([lines[0], code]).toEqual(["the data set cannot be read", 7]);
    },
    2 * limit,
  );

  it(
    "threads, where the caller forgets to finish",
    async () => {
      expect(await run("threads", "forgotten")).toEqual({ lines: ["through"], code: 0 });
    },
    2 * limit,
  );
});
