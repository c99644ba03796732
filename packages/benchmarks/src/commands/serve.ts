import { hasCheckpoint } from "@ferret-ocl/pipeline/engine";
import {
  checkHttpOptions,
  type FollowingSetting,
  followSetting,
  type HttpServer,
  PeriodicSaves,
  Service,
  serve,
} from "@ferret-ocl/server";
import type { Command } from "commander";
import { parseDuration } from "../parse.js";
import { onEnd } from "./interrupt.js";
import type { Raw } from "./options.js";
import { announce, print } from "./output.js";
import {
  usualDrainTime,
  withFollowOptions,
  withHttpOptions,
  withLearnerOptions,
} from "./serve/define-options.js";
import { end, endFollowing } from "./serve/ending.js";
import { withOptionNames } from "./serve/option-names.js";
import {
  readEvery,
  readFollowed,
  readHttpOptions,
  readServiceOptions,
} from "./serve/read-options.js";
import { describe, describeInWords, tellState } from "./serve/told.js";
import { tell } from "./troubles.js";

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
      await withOptionNames(async () => checkHttpOptions(http));
      const followed = readFollowed({ ...raw, ...(csvHeader && { csvHeader }) });
      const every = readEvery(raw, followed);
      const isSaved = raw.state !== undefined && hasCheckpoint(raw.state);
      const service = await withOptionNames(() => Service.open(options));
      let server: HttpServer;
      let following: FollowingSetting | null = null;
      try {
        following = followed && (await followSetting(service, followed, tellLine));
        server = await withOptionNames(() => serve(service, http));
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

const tellLine = (sentence: string) => announce([sentence]);

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
