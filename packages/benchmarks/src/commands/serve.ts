import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { compensatorNames } from "@ferret-ocl/compensation";
import {
  builtInModels,
  type LearnerOptions,
  optimizerNames,
  type RegressorOptions,
  runtimeNames,
} from "@ferret-ocl/pipeline";
import { hasCheckpoint } from "@ferret-ocl/pipeline/engine";
import { formatBytes, readBytes } from "@ferret-ocl/planner";
import {
  checkHttpOptions,
  describePlan,
  type FollowingSetting,
  type FollowSetting,
  type FollowWords,
  followOptions,
  followSetting,
  type HttpOptions,
  type HttpServer,
  PeriodicSaves,
  parseEvery,
  readFollowOptions,
  Service,
  type ServiceOptions,
  serve,
  shutDown,
} from "@ferret-ocl/server";
import type { Command } from "commander";
import { InputError } from "../errors.js";
import { openFolder } from "../folders.js";
import { parseBudget, parseCount, parseDuration, parseName, parseOptions } from "../parse.js";
import { engines, objectives } from "../setting.js";
import { onEnd } from "./interrupt.js";
import { algorithmHelp, type Raw } from "./options.js";
import { announce, print } from "./output.js";
import { parseAlgorithm } from "./parse-algorithm.js";
import { tell } from "./troubles.js";

/** Shapes of a sample that built-in models are usually made for. */
const usualShapes: Readonly<Record<string, readonly number[]>> = {
  mnistnet: [28, 28, 1],
  convnet: [32, 32, 3],
  resnet18: [32, 32, 3],
  mobilenet: [32, 32, 3],
};

const usualDrainTime = "10s";

/** `ferret serve`: a learner over HTTP. */
export function defineServe(program: Command): void {
  withFollowOptions(withHttpOptions(withLearnerOptions(program.command("serve"))))
    .description(
      "serve a learner over HTTP: predictions, labels that come later, learning, metrics",
    )
    .option(
      "--state <dir>",
      "folder of checkpoints; what is there goes on, and is saved on the way and at the end",
    )
    .option("--json", "print what it listens on as one line of JSON, and nothing else")
    .addHelpText(
      "after",
      "\nExample:\n  ferret serve --model mnistnet --classes 10 --memory-budget 40MiB --state state/ --port 8080 &\n",
    )
    .action(async ({ json, open, csvHeader, ...words }: Words) => {
      const raw = words as Raw;
      const options = readServiceOptions(raw);
      const http = readHttpOptions(raw, open === true);
      const drainTime = parseDuration(raw.drainTime ?? usualDrainTime, "--drain-time");
      checkHttpOptions(http);
      const followed = readFollowed({ ...raw, ...(csvHeader && { csvHeader }) });
      const every = readEvery(raw, followed);
      const isSaved = raw.state !== undefined && hasCheckpoint(raw.state);
      const service = await Service.open(options);
      let server: HttpServer;
      let following: FollowingSetting | null = null;
      try {
        following = followed && (await followSetting(service, followed, tellLine));
        server = await serve(service, http);
      } catch (error) {
        if (following) await endFollowing(following, drainTime);
        await service.close();
        throw error;
      }
      const saves = every === null ? null : new PeriodicSaves(service, every, tell);
      let isEnding = false;
      const ending = async () => {
        if (isEnding) return;
        isEnding = true;
        await end({ service, server, following, saves }, drainTime);
      };
      // Whoever reads what follows may end it at once.
      onEnd(ending);
      print(
        json
          ? JSON.stringify(describe(service, server, raw.state))
          : describeInWords(service, server),
      );
      if (!json) print(tellState(service, raw.state, isSaved));
      if (isSaved && raw.weights !== undefined)
        announce([`--weights is not looked at: the learner in ${raw.state} goes on`]);
      if (following) await tellFollowed(following, service, () => isEnding, ending);
    });
}

/** What the action gets; the rest are texts. */
interface Words extends Record<string, unknown> {
  readonly json?: boolean;
  readonly open?: boolean;
  readonly csvHeader?: boolean;
}

/** Time between two checkpoints. */
const usualEvery = { text: "30s", milliseconds: 30_000 };

const tellLine = (sentence: string) => announce([sentence]);

function withFollowOptions(command: Command): Command {
  for (const { flags, description } of followOptions) command.option(flags, description);
  return command;
}

/** What is followed; null: nothing. How often it is saved is also said where nothing is. */
function readFollowed({ every, ...words }: FollowWords): FollowSetting | null {
  const isFollowing = words.nats !== undefined || words.stdin !== undefined;
  return readFollowOptions({ ...words, ...(isFollowing && every !== undefined && { every }) });
}

/** Milliseconds between checkpoints of what comes over HTTP; null: there are none. */
function readEvery({ every, state }: Raw, followed: FollowSetting | null): number | null {
  if (every !== undefined && state === undefined)
    throw new InputError(
      "Expected a folder of checkpoints, --state, beside --every but received none; name one, or leave --every out",
    );
  if (state === undefined) return null;
  const time = followed?.every ?? parseEvery(every ?? usualEvery.text);
  if ("milliseconds" in time) return time.milliseconds;
  // Messages are counted of what is followed.
  if (followed) return usualEvery.milliseconds;
  throw new InputError(
    `Expected a time such as 30s for --every without --nats or --stdin but received "${every}"; messages are ` +
      "counted of what is followed",
  );
}

/** Says when what is followed ends; the service goes on, unless it has failed. */
async function tellFollowed(
  { ended }: FollowingSetting,
  { scores }: Service,
  isEnding: () => boolean,
  ending: () => Promise<void>,
): Promise<void> {
  try {
    const { messages, labelled, dropped, bad } = await ended;
    const accuracy = scores.gauges().accuracy?.all;
    const right =
      accuracy === undefined ? "" : `, ${(100 * accuracy).toFixed(1)} % predicted right`;
    announce([
      `nothing more is followed: ${messages} messages, ${labelled} samples with labels${right}, ` +
        `${dropped} dropped, ${bad} messages that could not be read`,
    ]);
  } catch (error) {
    // What the end has cut off is told there.
    if (isEnding()) return;
    tell(error);
    await ending();
  }
}

function withLearnerOptions(command: Command): Command {
  return command
    .option(
      "--model <name|path>",
      "built-in model, a Keras JSON file, or the folder of a LayersModel of tfjs (default: mnistnet)",
    )
    .option("--weights <file>", "safetensors file with the weights to begin with")
    .option(
      "--input-shape <sizes>",
      "shape of a sample, such as 28,28,1 (default: as the model says; of mnistnet 28,28,1, of other built-in " +
        "models of images 32,32,3)",
    )
    .option("--classes <count>", "classes that are told apart, for a built-in model")
    .option("--outputs <count>", "values that are predicted, in place of --classes: regression")
    .option("--memory-budget <size|name>", "such as 40MiB, or min, 2bw, none (default: none)")
    .option(
      "--algorithm <name|module>",
      `${algorithmHelp("what is learned from an item")} (default: vanilla)`,
    )
    .option("--algorithm-options <list>", "its settings, such as replay=32,buffer=ring")
    .option(
      "--compensation <name>",
      `repair of late gradients: ${["auto", ...compensatorNames].join(", ")} (default: auto)`,
    )
    .option(
      "--optimizer <name>",
      `what turns a gradient into a step: ${optimizerNames.join(", ")} (default: sgd)`,
    )
    .option("--optimizer-options <list>", "its settings, such as momentum=0.95")
    .option(
      "--objective <name>",
      `what plans are made for: ${objectives.join(", ")} (default: progress)`,
    )
    .option(
      "--timing <name>",
      "durations to plan with: measured here, or model, from operation counts (default: measured on threads)",
    )
    .option("--lr <rate>", "learning rate (default: 0.05)")
    .option(
      "--batch <count>",
      "the most samples that are learned or predicted at once (default: 16)",
    )
    .option("--seed <integer>", "seed of everything random (default: 0)")
    .option("--runtime <name>", `what computes: ${runtimeNames.join(", ")} (default: auto)`)
    .option(
      "--engine <name>",
      "threads: worker threads, in real time; virtual: a simulated clock (default: threads)",
    )
    .option("--threads <count>", "threads to run on (default: all cores)")
    .option(
      "--arrival <duration>",
      "time between items to plan for, such as 5ms (default: as fast as they are taken)",
    )
    .option(
      "--when-busy <name>",
      "what comes while all workers are busy: wait, until it is learned, or drop (default: wait)",
    );
}

function withHttpOptions(command: Command): Command {
  return command
    .option(
      "--host <address>",
      "where to listen; others than this machine need a token",
      "127.0.0.1",
    )
    .option("--port <number>", "0: any that is free", "8080")
    .option("--token <text>", "bearer token that clients have to send (or FERRET_TOKEN)")
    .option("--open", "listen beyond this machine without a token")
    .option(
      "--batch-wait <duration>",
      "how long a prediction waits for others, or 0 (default: 2ms)",
    )
    .option(
      "--window <count>",
      "predictions that figures of /metrics look back over (default: 1000)",
    )
    .option(
      "--waiting-memory <size>",
      "of the budget: memory for samples that wait for their labels (default: 1MiB, or 16 samples)",
    )
    .option("--waiting-time <duration>", "how long they wait (default: 600s)")
    .option(
      "--body-limit <size>",
      "the most bytes of a body, or of a line of a stream (default: 16MiB)",
    )
    .option("--queue-limit <size>", "the most bytes of requests at once (default: 64MiB)")
    .option("--connections <count>", "the most connections at once (default: 1024)")
    .option(
      "--rate-limit <count>",
      "the most requests a second from one address (default: any number)",
    )
    .option(
      "--request-timeout <duration>",
      "time in which a request has to have come and an answer to be fetched (default: 30s)",
    )
    .option("--drain-time <duration>", "time in which it ends once it is asked to", usualDrainTime);
}

/** What was given, and nothing else: where a checkpoint goes on, the rest is as it has it. */
function readServiceOptions(raw: Raw): ServiceOptions {
  const isSaved = raw.state !== undefined && hasCheckpoint(raw.state);
  if (raw.state !== undefined) openState(raw.state);
  const { batchWait, window, waitingMemory, waitingTime } = raw;
  return {
    learner: isSaved ? readLearner(raw) : withUsual(readLearner(raw)),
    ...(raw.state !== undefined && { state: raw.state }),
    ...(batchWait !== undefined && {
      batchWait: batchWait === "0" ? 0 : parseDuration(batchWait, "--batch-wait"),
    }),
    ...(window !== undefined && { window: parseCount(window, "--window") }),
    ...(waitingMemory !== undefined && {
      waitingBytes: readBytes(waitingMemory, "--waiting-memory"),
    }),
    ...(waitingTime !== undefined && { waitingTime: parseDuration(waitingTime, "--waiting-time") }),
  };
}

/** A folder that is new, empty, or holds checkpoints. */
function openState(folder: string): void {
  openFolder(folder, "--state");
  if (hasCheckpoint(folder)) return;
  const stranger = readdirSync(folder).find((name) => !/^(checkpoint-|service\.lock)/.test(name));
  if (stranger !== undefined)
    throw new InputError(
      `Expected a folder of checkpoints, or an empty one, for --state but ${folder} has ${stranger}; name ` +
        "another one",
    );
}

type GivenLearner = Partial<LearnerOptions> | Partial<RegressorOptions>;

function readLearner(raw: Raw): LearnerOptions | RegressorOptions {
  const count = (key: string, option: string, rules = {}) =>
    raw[key] === undefined ? undefined : parseCount(raw[key], option, rules);
  const name = <T extends string>(key: string, option: string, known: readonly T[]) =>
    raw[key] === undefined ? undefined : parseName(raw[key], option, known);
  const given = {
    model: raw.model,
    weights: raw.weights,
    inputShape: raw.inputShape === undefined ? undefined : parseShape(raw.inputShape),
    classes: count("classes", "--classes"),
    outputs: count("outputs", "--outputs"),
    loss: raw.outputs === undefined ? undefined : "meanSquaredError",
    memoryBudget: raw.memoryBudget === undefined ? undefined : parseBudget(raw.memoryBudget),
    algorithm: raw.algorithm === undefined ? undefined : parseAlgorithm(raw.algorithm),
    algorithmOptions: settings(raw.algorithmOptions, "--algorithm-options"),
    compensation: name("compensation", "--compensation", ["auto", ...compensatorNames]),
    optimizer: name("optimizer", "--optimizer", optimizerNames),
    optimizerOptions: settings(raw.optimizerOptions, "--optimizer-options"),
    objective: name("objective", "--objective", objectives),
    timing: name("timing", "--timing", ["measured", "model"]),
    learningRate: count("lr", "--lr", { whole: false }),
    batch: count("batch", "--batch"),
    seed: count("seed", "--seed", { zero: true }),
    runtime: name("runtime", "--runtime", runtimeNames),
    clock: readClock(raw),
    arrivalInterval:
      raw.arrival === undefined ? undefined : parseDuration(raw.arrival, "--arrival"),
    whenBusy: name("whenBusy", "--when-busy", ["wait", "drop"]),
    onWarning: (sentence: string) => announce([sentence]),
  };
  const there = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there) as unknown as LearnerOptions | RegressorOptions;
}

const settings = (text: string | undefined, option: string) =>
  text === undefined ? undefined : parseOptions(text, option);

function readClock(raw: Raw): LearnerOptions["clock"] {
  if (raw.engine === undefined && raw.threads === undefined) return undefined;
  const engine = parseName(raw.engine ?? "threads", "--engine", engines);
  if (engine === "virtual") return { kind: engine };
  return {
    kind: engine,
    ...(raw.threads !== undefined && { count: parseCount(raw.threads, "--threads") }),
  };
}

/** What a new learner is where nothing else is asked for. */
function withUsual(given: GivenLearner): LearnerOptions | RegressorOptions {
  const { model = "mnistnet", whenBusy, clock } = given;
  const isBuiltIn = typeof model === "string" && Object.hasOwn(builtInModels, model);
  const inputShape = given.inputShape ?? (isBuiltIn ? usualShapes[model as string] : undefined);
  if (isBuiltIn && inputShape === undefined)
    throw new InputError(
      `Expected the shape of a sample, such as 54, for --input-shape with --model ${model} but received none; ` +
        "the model is made for it",
    );
  if (isBuiltIn && given.classes === undefined && given.outputs === undefined)
    throw new InputError(
      `Expected the number of classes for --classes with --model ${model} but received none; give it, or ` +
        "--outputs for regression",
    );
  return {
    ...given,
    model,
    ...(inputShape !== undefined && { inputShape }),
    whenBusy: whenBusy ?? (clock?.kind === "virtual" ? "drop" : "wait"),
  } as LearnerOptions | RegressorOptions;
}

/** Reads `28,28,1`. */
function parseShape(text: string): number[] {
  const sizes = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (sizes.every((size) => Number.isSafeInteger(size) && size > 0)) return sizes;
  throw new InputError(
    `Expected sizes separated by commas, such as 28,28,1, for --input-shape but received "${text}"`,
  );
}

function readHttpOptions(raw: Raw, open: boolean): HttpOptions {
  const { host, port, bodyLimit, queueLimit, connections, rateLimit, requestTimeout } = raw;
  // An empty variable is none.
  const token = raw.token ?? (process.env.FERRET_TOKEN || undefined);
  return {
    ...(host !== undefined && { host }),
    port: parseCount(port ?? "8080", "--port", { zero: true }),
    token,
    open,
    ...(bodyLimit !== undefined && { bodyLimit: readBytes(bodyLimit, "--body-limit") }),
    ...(queueLimit !== undefined && { queueLimit: readBytes(queueLimit, "--queue-limit") }),
    ...(connections !== undefined && { connectionLimit: parseCount(connections, "--connections") }),
    ...(rateLimit !== undefined && { rateLimit: parseCount(rateLimit, "--rate-limit") }),
    ...(requestTimeout !== undefined && {
      requestTimeout: parseDuration(requestTimeout, "--request-timeout"),
    }),
    onFailure: (error) => announce([error instanceof Error ? `${error.stack}` : String(error)]),
  };
}

/** For machines. */
function describe(service: Service, { url, port }: HttpServer, state: string | undefined) {
  const { items } = service.learner.metrics();
  return { url, port, ...describePlan(service), state: state ?? null, items };
}

function describeInWords({ learner, waiting, memoryBudget }: Service, { url }: HttpServer): string {
  const { stageCount, workerCount, memory } = learner.plan;
  const total = formatBytes(memory.total + waiting.plannedBytes);
  const budget = memoryBudget === null ? "without a budget" : `of ${formatBytes(memoryBudget)}`;
  return (
    `listening on ${url}\n` +
    `memory: ${total} ${budget} (${counted(stageCount, "stage")}, ${counted(workerCount, "worker")}; ` +
    `${formatBytes(waiting.plannedBytes)} for ${waiting.room} samples that wait for labels)`
  );
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;

function tellState({ learner }: Service, state: string | undefined, isSaved: boolean): string {
  if (state === undefined) return "state: none is kept; name a folder with --state";
  const from = isSaved ? `going on from item ${learner.metrics().items}` : "a new learner";
  return `state: ${state} (${from})`;
}

/** Takes in no more messages; whether those in hand were finished, and saved, within a time (ms). */
async function endFollowing(following: FollowingSetting, time: number): Promise<boolean> {
  following.stop();
  const late = new AbortController();
  const isEnded = await Promise.race([
    // What it failed for has been told.
    following.ended.then(() => true).catch(() => true),
    sleep(time, false, { signal: late.signal }).catch(() => false),
  ]);
  late.abort();
  await following.close();
  return isEnded;
}

/** A service at work. */
interface Serving {
  readonly service: Service;
  readonly server: HttpServer;
  readonly following: FollowingSetting | null;
  readonly saves: PeriodicSaves | null;
}

async function end({ service, server, following, saves }: Serving, time: number): Promise<void> {
  const isKept = service.state !== undefined;
  announce([
    `ending within ${time / 1000} s: what is under way is finished${isKept ? ", then saved" : ""}`,
  ]);
  const began = performance.now();
  const isCut = following !== null && !(await endFollowing(following, time / 3));
  if (isCut)
    announce(["what is followed could not be ended in time: it goes on from its last checkpoint"]);
  // Where nothing more can be saved, one that waits for that would wait for ever.
  if (!isCut) await saves?.stop();
  const left = time - (performance.now() - began);
  const { answered, saved } = await shutDown(server, service, left, !isCut);
  if (!answered) announce(["some requests were cut off; the rest were answered"]);
  if (saved || !isKept) return;
  if (!isCut) announce(["the checkpoint could not be written in time; the one before is the last"]);
  process.exitCode = 1;
}
