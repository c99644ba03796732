import { compensatorNames } from "@ferret-ocl/compensation";
import { optimizerNames, runtimeNames } from "@ferret-ocl/pipeline";
import { followOptions } from "@ferret-ocl/server";
import type { Command } from "commander";
import { objectives } from "../../setting.js";
import { algorithmHelp } from "../options.js";

/** Time in which a service ends, where nothing is said. */
export const usualDrainTime = "10s";

export function withLearnerOptions(command: Command): Command {
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

export function withHttpOptions(command: Command): Command {
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

export function withFollowOptions(command: Command): Command {
  for (const { flags, description } of followOptions) command.option(flags, description);
  return command;
}
