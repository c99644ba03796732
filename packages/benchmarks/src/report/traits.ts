import { createHash } from "node:crypto";
import { basename } from "node:path";
import { formatBytes } from "@ferret-ocl/planner";
import type { ResultRecord } from "../record.js";

/** In what runs may differ, in words. */
type Trait = (record: ResultRecord) => string;

/** What a learner shares with the 1-Skip it is compared with. */
export const worldTraits: readonly Trait[] = [
  ({ setting }) => setting,
  ({ data }) => `label ${data?.labelColumn ?? "column unknown"}`,
  ({ data }) => `${data?.train ?? "unknown"} training samples`,
  ({ algorithm }) => algorithm,
  ({ algorithmOptions }) => optionsOf(algorithmOptions),
  ({ startedFrom }) =>
    startedFrom ? `from ${basename(startedFrom.path)} ${startedFrom.sha256.slice(0, 6)}` : "drawn",
  ({ order }) => order,
  ({ scale }) => `scale ${scale}`,
  ({ labelDelay }) => `labels ${labelDelay} late`,
  ({ engine }) => engine,
  ({ items }) => `${items} items`,
  ({ skippedItems }) => `from item ${skippedItems}`,
  ({ batch }) => `batch ${batch}`,
  ({ learningRate }) => `rate ${learningRate}`,
  ({ optimizer, optimizerOptions }) => `${optimizer} with ${optionsOf(optimizerOptions)}`,
  ({ pressure }) => `pressure ${pressure.toPrecision(2)}`,
  ({ runtime }) => runtime,
  ({ timing }) => `times ${timing}`,
];

/**
 * What two records of one label may differ in, besides the seed, so that they are not repetitions.
 */
export const traits: readonly Trait[] = [
  ...worldTraits,
  ({ compensation }) => compensation,
  ({ objective }) => `objective ${objective ?? "none"}`,
  ({ computeUnits }) => `units ${computeUnits ?? "unlimited"}`,
  ({ unitSpeeds }) => `speeds ${unitSpeeds?.join(",") ?? "1"}`,
  ({ threads }) => `threads ${threads?.count ?? "none"}`,
  ({ givenPlan }) => givenOf(givenPlan),
  ({ schedule }) =>
    schedule
      ? `${schedule.deviceCount} devices, M ${schedule.microbatchCount}`
      : "no fixed schedule",
  ({ batchSkip }) =>
    batchSkip ? `${batchSkip.atOnce} of ${batchSkip.waiting} items` : "no batch skip",
  ({ switches }) =>
    switches.length === 0
      ? "no change"
      : `changed at ${switches.map(({ requestedAt }) => requestedAt).join(",")}`,
  // Budgets by name have labels of their own.
  ({ label, memory }) =>
    label === "Ferret" && memory.budget !== null ? formatBytes(memory.budget) : "no limit",
];

function optionsOf(options: ResultRecord["algorithmOptions"]): string {
  if (!options) return "options unknown";
  const names = Object.keys(options).sort();
  if (names.length === 0) return "default options";
  return names.map((name) => `${name}=${options[name]}`).join(",");
}

function givenOf(given: ResultRecord["givenPlan"]): string {
  if (!given) return "partition searched";
  const partition = `partition ${given.partition.join(",")}`;
  if (!given.workers) return partition;
  // Workers are too long for a label.
  const sign = createHash("sha256").update(JSON.stringify(given.workers)).digest("hex");
  const limit = given.inFlight ? `, in flight ${given.inFlight.join(",")}` : "";
  return `${partition}, workers #${sign.slice(0, 6)}${limit}`;
}
