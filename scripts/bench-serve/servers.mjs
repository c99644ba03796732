// The two services, each in a process of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const command = path("../../packages/benchmarks/dist/cli.js");
const learningRate = "0.001";

/** Shapes as each side has them, and classes. */
export const models = {
  mlp: { ours: "54", theirs: "54", classes: 7, values: 54 },
  mnistnet: { ours: "28,28,1", theirs: "1,28,28", classes: 10, values: 784 },
};

export function startOurs({ model, batch, threads }) {
  const { ours, classes } = models[model];
  const shape = ["--model", model, "--input-shape", ours, "--classes", `${classes}`];
  const how = ["--batch", `${batch}`, "--threads", `${threads}`, "--lr", learningRate];
  return start(process.execPath, [command, "serve", "--port", "0", "--json", ...shape, ...how]);
}

export function startTheirs({ model, threads, python }) {
  const peers = path("../bench-peers/torch_step.py");
  const words = [peers, model, `${threads}`, models[model].theirs, learningRate];
  return start(python, [path("peer.py"), ...words]);
}

async function start(program, words) {
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout })) {
    const { url } = JSON.parse(line);
    return {
      url,
      async stop() {
        child.kill("SIGTERM");
        await ended;
      },
    };
  }
  const [code] = await ended;
  throw new Error(`${program} ${words[0]} ended with ${code} before it listened; see above`);
}
