// Your own stream as a source: a name, and a function from where it stands to messages. A process that
// learns it is killed in the middle; the next one goes on, and nothing is lost or learned twice.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { follow, lineSource, Service } from "@ferret-ocl/server";

const [, , givenState, death] = process.argv;
const state = givenState ?? mkdtempSync(join(tmpdir(), "ferret-example-"));
const learner = {
  model: "mlp",
  inputShape: [2],
  classes: 2,
  batch: 1,
  arrivalInterval: "1ms",
  clock: { kind: "virtual" }, // so that both runs are equal to the last bit
};

// Points of the plane, class 1 inside the unit circle.
const pointAt = (k) => [3 * ((k * 0.618) % 1) - 1.5, 3 * ((k * 0.755) % 1) - 1.5];
const classOf = (point) => (Math.hypot(...point) < 1 ? 1 : 0);

// With a broker such as Kafka: seek behind `after`, yield { position: offset, x, y }, and commit the
// offset in `acknowledge(position)`, which is called when a checkpoint with it is on disk.
const points = {
  name: "points",
  async *read(after = 0) {
    for (let k = after; k < 1000; k++) {
      if (k === Number(death)) process.kill(process.pid, "SIGKILL");
      yield { position: k + 1, x: pointAt(k), y: classOf(pointAt(k)) };
    }
  },
};
const every = { items: 100 };

// The process that is killed.
if (death) await follow(await Service.open({ learner, state }), { sources: [points], every }).ended;

const words = [fileURLToPath(import.meta.url), state, "777"];
console.log(`killed: ${spawnSync(process.execPath, words).signal === "SIGKILL"}`);

const service = await Service.open({ learner, state });
const place = service.positionOf("points");
console.log(`going on behind a checkpoint: ${place > 0 && place % 100 === 0}`);
const counts = await follow(service, { sources: [points], every }).ended;
console.log(`messages: ${counts.messages}, learned: ${counts.labelled}`);

const whole = await Service.open({ learner, state: join(state, "whole") });
await follow(whole, { sources: [points], every }).ended;
const [some, other] = [service, whole].map((each) => Buffer.from(each.learner.parameters().buffer));
console.log(`as if nobody had killed it, to the last bit: ${some.equals(other)}`);

// Lines of text are a source that is there: of standard input, unless another one is given.
async function* text() {
  yield '{"x": [0.2, 0.1], "y": 1}\n{"x": [1.4, -1.2], "y": 0}\n{"x": [0, "two"], "y": 0}\n';
}
const onNotice = (sentence) => console.log(sentence);
const lines = await Service.open({ learner });
await follow(lines, { sources: [lineSource({ input: text() })], onNotice }).ended;
for (const each of [service, whole, lines]) await each.close();
rmSync(state, { recursive: true });
