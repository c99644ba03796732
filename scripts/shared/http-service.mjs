// A client of examples/http-service.mjs: teaches it a circle, and asks what it must answer.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const lessons = 600;
/** From here on it is to know. */
const exam = 450;
const batch = 16;

/**
 * Starts the service in a folder that has the packages, and talks to it until it has learned.
 * @returns {Promise<string[]>} what is wrong, in sentences
 */
export async function checkHttpService(script, folder) {
  const service = spawn(process.execPath, [script, "0"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(service, "exit");
  const lines = createInterface({ input: service.stdout })[Symbol.asyncIterator]();
  try {
    const { value: address, done } = await lines.next();
    if (done) return [`Expected ${script} to listen but it ended`];
    const complaints = await converse((route, body) => ask(address + route, body));
    service.kill("SIGTERM");
    const { value: last } = await lines.next();
    const [code] = await exit;
    const total = /^learned (\d+)$/.exec(last ?? "");
    const samples = lessons * batch;
    if (code !== 0 || !total || Number(total[1]) !== samples)
      complaints.push(
        `Expected ${script} to end with ${samples} samples told but: ${last} (${code})`,
      );
    return complaints;
  } finally {
    service.kill("SIGKILL");
  }
}

async function converse(ask) {
  const complaints = [];
  const expect = (what, holds, answer) => {
    if (!holds)
      complaints.push(`Expected ${what} but the service answered ${JSON.stringify(answer)}`);
  };
  let right = 0;
  let learned = 0;
  for (let lesson = 0; lesson < lessons; lesson++) {
    const { x, y } = points(lesson);
    const predicted = await ask("/predict", { x });
    expect("a label a sample", predicted.body.labels?.length === batch, predicted.body);
    if (lesson >= exam)
      right += y.filter((label, index) => label === predicted.body.labels?.[index]).length;
    learned += (await ask("/learn", { x, y })).body.learned;
  }
  const share = right / ((lessons - exam) * batch);
  expect("9 of 10 labels right in the end", share > 0.9, share);
  const metrics = await ask("/metrics");
  expect("the samples it took in", metrics.body.learned === learned, metrics.body);
  expect("at most 4 MiB", metrics.body.memory <= 4 * 2 ** 20, metrics.body);
  for (const body of [
    { x: [1, 2, 3] },
    { x: ["one", 2] },
    {},
    { x: [1, 2], y: 7 },
    { x: [1, 2] },
  ]) {
    const { status, body: answer } = await ask("y" in body ? "/learn" : "/predict", body);
    const isFine = JSON.stringify(body) === '{"x":[1,2]}';
    expect(
      `status ${isFine ? 200 : 400} for ${JSON.stringify(body)}`,
      status === (isFine ? 200 : 400),
      answer,
    );
  }
  expect("status 404", (await ask("/nothing")).status === 404, null);
  return complaints;
}

async function ask(address, body) {
  const response = await fetch(
    address,
    body === undefined ? {} : { method: "POST", body: JSON.stringify(body) },
  );
  return { status: response.status, body: await response.json() };
}

/** Points of a square, and whether each lies in the unit circle. */
function points(lesson) {
  const x = Array.from({ length: batch }, (_, index) => {
    const k = lesson * batch + index;
    return [3 * ((k * 0.618) % 1) - 1.5, 3 * ((k * 0.755) % 1) - 1.5];
  });
  return { x, y: x.map((point) => (Math.hypot(...point) < 1 ? 1 : 0)) };
}
