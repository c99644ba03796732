import { formatBytes } from "@ferret-ocl/planner";
import type { ResultRecord } from "../record.js";
import { distinctRuns } from "./distinct-runs.js";
import { formatTime } from "./format.js";
import type { Group } from "./groups.js";
import { repeats } from "./repeats.js";

/** Compensation of the runs that have a plan: under a small budget `auto` may be none. */
export function compensationOf(records: readonly ResultRecord[]): string {
  const planned = records.filter(({ plan }) => plan);
  const names = planned.map(({ compensation }) => compensation);
  return [...new Set(names)].join(" or ") || "none";
}

/** What the runs are, in a line: where they differ, what each of them is. */
export function describeSetting(records: readonly ResultRecord[]): string {
  const of = (words: (record: ResultRecord) => string | string[]) =>
    alternatives(records.flatMap(words));
  const parts = [
    of(({ dataset, model }) => `${dataset} learned by ${model}`),
    of(
      ({ items, batch, order, skippedItems }) =>
        `${items} items of ${batch} in ${order} order` +
        (skippedItems > 0 ? ` from item ${skippedItems} on` : ""),
    ),
    of(describeExposure),
    of(describeScale),
    of(
      ({ arrivalInterval, pressure }) =>
        `one every ${formatTime(arrivalInterval)} (pressure ${pressure.toPrecision(3)})`,
    ),
    `${of(describeAlgorithm)}, compensation ${compensationOf(records)}`,
    // Drawn weights go without saying.
    records.some(({ startedFrom }) => startedFrom) ? of(describeStart) : "",
    of(describeOptimizer),
    `learning rate ${of(({ learningRate }) => String(learningRate))}`,
    describeSeeds(records),
    `runtime ${of(({ runtime }) => runtime)}`,
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

/** Up to this many different texts are all listed. */
const mostAlternatives = 4;

/** Texts, each once, with "or" between them. */
function alternatives(texts: readonly string[]): string {
  const distinct = [...new Set(texts)];
  if (distinct.length <= mostAlternatives) return distinct.join(" or ");
  const more = distinct.length - mostAlternatives;
  return `${distinct.slice(0, mostAlternatives).join(" or ")} or ${more} more`;
}

function describeAlgorithm({ algorithm, algorithmOptions }: ResultRecord): string {
  const settings = Object.entries(algorithmOptions ?? {}).map(
    ([name, value]) => `${name}=${value}`,
  );
  return `algorithm ${algorithm}${settings.length > 0 ? ` with ${settings.join(",")}` : ""}`;
}

function describeOptimizer({ optimizer, optimizerOptions }: ResultRecord): string {
  const settings = Object.entries(optimizerOptions).map(([name, value]) => `${name}=${value}`);
  return `optimizer ${optimizer}${settings.length > 0 ? ` with ${settings.join(",")}` : ""}`;
}

function describeStart({ startedFrom }: ResultRecord): string {
  return startedFrom
    ? `started from ${startedFrom.path} (sha256 ${startedFrom.sha256})`
    : "started from drawn weights";
}

/** Up to this many seeds are all listed. */
const mostSeeds = 10;

function describeSeeds(records: readonly ResultRecord[]): string {
  const seeds = [...new Set(records.map(({ seed }) => seed))].sort((a, b) => a - b);
  if (seeds.length === 1) return `seed ${seeds[0]}`;
  return seeds.length <= mostSeeds
    ? `seeds ${seeds.join(", ")}`
    : `${seeds.length} seeds from ${seeds[0]} to ${seeds.at(-1)}`;
}

/** How often the samples came, in a few words; nothing where the record does not tell. */
function describeExposure({ exposure }: ResultRecord): string[] {
  if (!exposure || exposure.seen === 0) return [];
  const { samples, seen, least, most } = exposure;
  const times = least === most ? timesOf(most) : `${least} to ${most} times`;
  return [`${seen} of ${samples} samples, each seen ${times}`];
}

/** How inputs were scaled, in a few words; nothing for images, or if the record does not say. */
function describeScale({ scale }: ResultRecord): string[] {
  if (scale === null || scale === "pixels") return [];
  const words = {
    file: "scaled by the training split",
    running: "scaled by the samples so far",
    none: "not scaled",
  };
  return [`inputs ${words[scale]}`];
}

const timesOf = (count: number) => (count === 1 ? "once" : `${count} times`);

/** A sentence for a run that met samples again; none for others. */
function seenAgain({ label, exposure }: ResultRecord): string[] {
  if (!exposure || exposure.most < 2) return [];
  return [
    `${label} met its ${exposure.seen} samples up to ${exposure.most} times; its online ` +
      "accuracy also counts samples that it had already learned",
  ];
}

/**
 * A sentence for a run that continues from a model over items that it has learned; none for others.
 */
function metBefore({ label, seed, items, startedFrom }: ResultRecord): string[] {
  if (!startedFrom || startedFrom.metBefore === 0) return [];
  return [
    `${label}, seed ${seed}, continues from ${startedFrom.path}, which has learned ` +
      `${startedFrom.metBefore} of these ${items} items before: accuracy on them is too good ` +
      "(--skip-items begins later in the stream)",
  ];
}

/** The result in a sentence or two, for those who read no further. */
export function describeResult(groups: readonly Group[]): string {
  const byMethod = (method: string) =>
    groups.filter(({ records }) => records[0]?.method === method);
  const best = byMethod("ferret").sort((a, b) => b.oacc.mean - a.oacc.mean)[0];
  const told = (group: Group) =>
    `${group.label} predicted ${group.oacc.mean.toFixed(1)} % correctly with ${formatBytes(group.peak)}`;
  const others = [...byMethod("1-skip"), ...byMethod("oracle")];
  const chosen = best ? [best, ...others] : others;
  const sentences = (chosen.length > 0 ? chosen : groups).map(told);
  const first = sentences.shift();
  return `${first}${sentences.length > 0 ? `; ${sentences.join(", ")}` : ""}.`;
}

/** Which of the stages that a schedule asks for have no layers. */
function missing({ wantedStages, partition }: NonNullable<ResultRecord["schedule"]>): string {
  return wantedStages !== null && partition.length < wantedStages
    ? ` (of ${wantedStages} that it asks for)`
    : "";
}

/**
 * A sentence for a run by a schedule that asks for more stages than the model has layers for, as
 * several waves of Hanayo's do; none for others.
 */
function fewStages({ label, model, schedule }: ResultRecord): string[] {
  if (!schedule || missing(schedule) === "") return [];
  return [
    `${label} asks for ${schedule.wantedStages} stages but ran on ${schedule.partition.length}, ` +
      `since ${model} has too few layers that take time; take fewer --stages or a model with ` +
      "more such layers",
  ];
}

/**
 * A sentence for a run whose plan was for R and left `secant` out, see `chooseCompensation`; none for
 * others.
 */
function leftOut({ plan, label, compensation, memory }: ResultRecord, asked: string): string[] {
  if (!plan || plan.progress !== null || asked !== "auto" || compensation !== "none") return [];
  // Without a budget nothing has been left out but where hardly anything is late.
  if (memory.budget === null) return [];
  return [
    `${label} ran without compensation, since the state of secant would cost more under this ` +
      "budget than it gains; allow more memory for it, or choose --compensation delay-adaptive, " +
      "which keeps no state",
  ];
}

/**
 * A sentence for a learner that a rule beat which looks at no input; none for others. Each of
 * them is named.
 */
export function belowRule({
  label,
  seed,
  oacc,
  agreement,
}: Pick<ResultRecord, "label" | "seed" | "oacc" | "agreement">): string[] {
  if (!agreement) return [];
  const { majority, noChange } = agreement;
  if (oacc >= Math.max(majority, noChange)) return [];
  if (oacc < Math.min(majority, noChange))
    return [
      `${label}, seed ${seed}, predicted ${oacc.toFixed(1)} % correctly, fewer than the ` +
        `no-change rule (${noChange.toFixed(1)} %), which always predicts the previous label, ` +
        `and the majority rule (${majority.toFixed(1)} %), which always predicts the most ` +
        "frequent label so far; both ignore the input",
    ];
  const [rule, says, accuracy] =
    noChange >= majority
      ? ["no-change", "the previous label", noChange]
      : ["majority", "the most frequent label so far", majority];
  return [
    `${label}, seed ${seed}, predicted ${oacc.toFixed(1)} % correctly, fewer than the ${rule} ` +
      `rule (${accuracy.toFixed(1)} %), which always predicts ${says} and ignores the input`,
  ];
}

/** A sentence for a run whose budget by name was less than the least; none for others. */
function raised({ label, memory: { budget, raisedFrom } }: ResultRecord): string[] {
  if (budget === null || raisedFrom === null) return [];
  return [
    `${label} ran with ${formatBytes(budget)}, the least that any plan needs here, since ` +
      `its budget, the memory of PipeDream-2BW, is less (${formatBytes(raisedFrom)})`,
  ];
}

/** Share of the items taken in that every stage learns from, without a word. */
const nearlyAll = 0.9;

/**
 * A sentence for a run of which a stage has seen far fewer gradients than items were taken in, as
 * where backward passes are omitted; none for others.
 */
function unlearnedBy({ label, seed, plan, learned, stages }: ResultRecord): string[] {
  const few = (stages ?? []).flatMap(({ gradients }, stage) =>
    gradients < nearlyAll * learned ? [`stage ${stage} from ${gradients}`] : [],
  );
  if (!plan || few.length === 0) return [];
  return [
    `${label}, seed ${seed}, took in ${learned} items, but not every stage learned from all of ` +
      `them: ${few.join(", ")} of them`,
  ];
}

/** A sentence each for gradients that made no update, and for a learner that has collapsed. */
function ranAway(record: ResultRecord): string[] {
  const { label, learningRate, refusedUpdates, staleness, collapse } = record;
  const scaled = learningRate > 1 ? `, times the learning rate of ${learningRate},` : "";
  const shares = refusedUpdates.map((count, stage) => {
    const applied = (staleness[stage]?.histogram ?? []).reduce((sum, each) => sum + each, 0);
    return `${count} of ${count + applied}`;
  });
  const refused = refusedUpdates.reduce((sum, count) => sum + count, 0);
  const sentences: string[] = [];
  if (refused > 0)
    sentences.push(
      `${label}: ${refused} update${refused === 1 ? " was" : "s were"} refused (by stage: ` +
        `${shares.join(", ")}), for gradients that${scaled} were not finite, or were above 1e18; ` +
        "take a smaller --lr or scale the inputs",
    );
  if (collapse) {
    const { item, window, class: only } = collapse;
    const seen =
      only === null
        ? `half or more of the ${window} items up to item ${item} had logits that are not finite`
        : `it predicted class ${only} for all of the ${window} items up to item ${item}, whatever ` +
          "their labels";
    sentences.push(
      `${label} collapsed: ${seen}; its accuracy is meaningless; take a smaller --lr or scale ` +
        "the inputs",
    );
  }
  return sentences;
}

/** What each plan of a run allowed, planned and held; nothing where the plan never changed. */
function describePlans({ memory: { plans } }: ResultRecord): string {
  if (plans.length === 0) return "";
  const words = plans.map(({ from, budget, planned, measured }) => {
    const within = budget === null ? "without a limit" : `within ${formatBytes(budget)}`;
    return (
      `from item ${from} on ${within} planned ${formatBytes(planned)} and held ` +
      formatBytes(measured)
    );
  });
  return `ran under ${plans.length} plans: ${words.join("; ")}`;
}

/** The same as a sentence for a run whose plan changed; none for others. */
function plansOf(record: ResultRecord): string[] {
  const words = describePlans(record);
  return words === "" ? [] : [`${record.label}, seed ${record.seed}, ${words}`];
}

/** A sentence for each change of plans that another one took the place of; none for others. */
function supersededBy({ label, seed, switches }: ResultRecord): string[] {
  return switches.flatMap(({ requestedAt, superseded }) =>
    superseded.map(
      (each) =>
        `${label}, seed ${seed}: the change at item ${each.requestedAt} never took effect, ` +
        `because the one at item ${requestedAt} replaced it while the pipeline emptied`,
    ),
  );
}

/** The same of all runs of a report. */
export const warnings = (records: readonly ResultRecord[]): string[] => [
  ...repeats(records),
  ...distinctRuns(records).flatMap((record) => [
    ...ranAway(record),
    ...supersededBy(record),
    ...belowRule(record),
    ...metBefore(record),
  ]),
];

/** What people should know of a run that did not go as asked, a sentence each; most often none. */
export const remarks = (
  record: ResultRecord,
  asked: { readonly compensation: string },
): string[] => [
  ...fewStages(record),
  ...raised(record),
  ...plansOf(record),
  ...supersededBy(record),
  ...leftOut(record, asked.compensation),
  ...unlearnedBy(record),
  ...belowRule(record),
  ...seenAgain(record),
  ...metBefore(record),
  ...ranAway(record),
];

/** The same of one run after another, each sentence once. */
export function newRemarks(asked: { readonly compensation: string }) {
  const told = new Set<string>();
  return (record: ResultRecord): string[] => {
    const fresh = remarks(record, asked).filter((sentence) => !told.has(sentence));
    for (const sentence of fresh) told.add(sentence);
    return fresh;
  };
}

/** How late items came in real time; nothing on the virtual clock. */
export function describeLateness({ threads }: ResultRecord): string {
  if (!threads) return "";
  return `; items came at most ${formatTime(threads.mostLate)} late, as predictions lagged`;
}

/** A learner's plan: how the model is cut and what each worker does to save memory. */
export function describeWorkers(record: ResultRecord): string {
  const { plan, schedule } = record;
  const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  if (schedule)
    return (
      `${count(schedule.partition.length, "stage")}${missing(schedule)} from layers ${schedule.partition.join(", ")} ` +
      `on ${count(schedule.deviceCount, "device")}`
    );
  if (!plan) return "learns the whole model at once";
  const techniques = [
    [plan.workers.filter(({ recompute }) => recompute).length, "recompute activations"],
    [
      plan.workers.filter(({ accumulate }) => accumulate.some((each) => each > 1)).length,
      "accumulate gradients",
    ],
    [
      plan.workers.filter(({ omit }) => omit.some((each) => each > 0)).length,
      "omit backward passes",
    ],
    [plan.removedWorkers, "were removed"],
  ] as const;
  const used = techniques
    .filter(([workers]) => workers > 0)
    .map(([workers, does]) => `${workers} ${does}`);
  return (
    `${count(plan.stageCount, "stage")} from layers ${plan.partition.join(", ")}; ` +
    `${count(plan.workerCount, "worker")}${used.length > 0 ? `, of which ${used.join(", ")}` : ""}` +
    (record.memory.plans.length > 0 ? `; ${describePlans(record)}` : "")
  );
}
