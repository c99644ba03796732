import { setTimeout as sleep } from "node:timers/promises";
import {
  type FollowingSetting,
  type HttpServer,
  type PeriodicSaves,
  type Service,
  shutDown,
} from "@ferret-ocl/server";
import { announce } from "../output.js";

/** Takes in no more messages; whether those in hand were finished, and saved, within a time (ms). */
export async function endFollowing(following: FollowingSetting, time: number): Promise<boolean> {
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
export interface Serving {
  readonly service: Service;
  readonly server: HttpServer;
  readonly following: FollowingSetting | null;
  readonly saves: PeriodicSaves | null;
}

/** Ends it within a time (ms): what is under way is finished, then saved. */
export async function end(
  { service, server, following, saves }: Serving,
  time: number,
): Promise<void> {
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
