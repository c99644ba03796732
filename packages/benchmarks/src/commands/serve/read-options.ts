import { readdirSync } from "node:fs";
import { hasCheckpoint, parseEvery } from "@ferret-ocl/pipeline/engine";
import { readBytes } from "@ferret-ocl/planner";
import {
  type FollowSetting,
  type FollowWords,
  type HttpOptions,
  readFollowOptions,
  type ServiceOptions,
} from "@ferret-ocl/server";
import { InputError } from "../../errors.js";
import { openFolder } from "../../folders.js";
import { parseCount, parseDuration } from "../../parse.js";
import type { Raw } from "../options.js";
import { announce } from "../output.js";
import { readLearner, withUsual } from "./read-learner.js";

/** What was given, and nothing else: where a checkpoint goes on, the rest is as it has it. */
export function readServiceOptions(raw: Raw): ServiceOptions {
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

export function readHttpOptions(raw: Raw, open: boolean): HttpOptions {
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

/** Time between two checkpoints. */
const usualEvery = { text: "30s", milliseconds: 30_000 };

/** What is followed; null: nothing. How often it is saved is also said where nothing is. */
export function readFollowed({ every, ...words }: FollowWords): FollowSetting | null {
  const isFollowing = words.nats !== undefined || words.stdin !== undefined;
  return readFollowOptions({ ...words, ...(isFollowing && every !== undefined && { every }) });
}

/** Milliseconds between checkpoints of what comes over HTTP; null: there are none. */
export function readEvery({ every, state }: Raw, followed: FollowSetting | null): number | null {
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
