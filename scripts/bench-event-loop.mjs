// How long the event loop of a program stands still while MNISTNet learns and predicts on threads, an
// item each 10 ms: `npm run bench:event-loop [algorithm]`. Beside it, as many busy threads alone, which
// is what this machine's scheduler costs. Let nothing else run.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { algorithmNames } from "../packages/ocl-algorithms/dist/index.js";
import { createLearner } from "../packages/pipeline/dist/index.js";

const algorithm = process.argv[2] ?? "er";
if (!algorithmNames.includes(algorithm)) {
  console.error(`Expected one of ${algorithmNames.join(", ")} but received "${algorithm}"`);
  process.exit(2);
}
const items = 300;
const interval = 10;
const batch = 16;

for (const count of [1, 2]) {
  show(`${count} busy threads`, await delayDuring(() => withBusyThreads(count)));
  const learner = await createLearner({
    model: "mnistnet",
    inputShape: [28, 28, 1],
    classes: 10,
    algorithm,
    clock: { kind: "threads", count },
    arrivalInterval: `${interval}ms`,
    timing: "model",
    onWarning: () => {},
  });
  const x = Float32Array.from({ length: batch * 784 }, (_, index) => Math.sin(index));
  const y = Int32Array.from({ length: batch }, (_, index) => index % 10);
  for (let item = 0; item < 10; item++) await learner.observe(x, y);
  const during = await delayDuring(async () => {
    const calls = [];
    const began = performance.now();
    for (let item = 0; item < items; item++) {
      await sleep(Math.max(0, began + item * interval - performance.now()));
      calls.push(learner.observe(x, y));
      if (item % 3 === 0) calls.push(learner.predict(x.subarray(0, 784)));
    }
    await Promise.all(calls);
  });
  show(`${algorithm} on ${count} threads`, during);
  await learner.dispose();
}

async function delayDuring(work) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  return delay;
}

async function withBusyThreads(count) {
  const busy = `const end = Date.now() + ${items * interval}; while (Date.now() < end);`;
  const threads = Array.from({ length: count }, () => new Worker(busy, { eval: true }));
  await Promise.all(threads.map((thread) => new Promise((done) => thread.once("exit", done))));
}

function show(what, delay) {
  const milliseconds = (nanoseconds) => `${(nanoseconds / 1e6).toFixed(1)} ms`;
  const [longest, most] = [delay.max, delay.percentile(99)].map(milliseconds);
  console.log(`${what}: longest pause ${longest}, 99th percentile ${most}`);
}
