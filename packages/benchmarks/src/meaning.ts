import type { Metadata } from "@ferret-ocl/pipeline";
import { readLayersModelMetadata, readSafetensorsMetadata } from "@ferret-ocl/pipeline/engine";
import { z } from "zod";
import type { Dataset, LabelledData, RotatableData } from "./datasets/contract.js";
import { InputError } from "./errors.js";
import { stretchOf, withStretch } from "./learned-before.js";
import type { RunSetting } from "./setting.js";
import type { Stream } from "./streams/contract.js";
import { scales } from "./streams/saved-scaling.js";
import { stretch } from "./stretch.js";

/** Our key among a file's metadata. */
const key = "ferret";

const numbers = z.array(z.number()).readonly();
const meaning = z
  .object({
    /** Name of each class, by label; null if the data's classes have none. */
    classes: z.array(z.string()).min(1).readonly().nullable(),
    /** How the inputs are scaled; null for images. */
    scaling: z
      .object({
        scale: z.enum(scales),
        state: z
          .object({
            count: z.int().nonnegative(),
            mean: numbers,
            squares: numbers,
            flags: z.array(z.boolean()).readonly(),
          })
          .readonly()
          .nullable(),
      })
      .readonly()
      .nullable(),
    /** Names of the features of a table, in order; null if they have none; not in older files. */
    features: z.array(z.string()).readonly().nullable().optional(),
    /** What the model has learned from; not in older files. */
    learned: z.array(stretch).readonly().optional(),
  })
  .readonly();

/** What the numbers that go into a model and come out of it mean; saved with it. */
export type Meaning = z.infer<typeof meaning>;

/**
 * What a model means that has learned from a stream so far.
 * @param items of the stream that it was taken over.
 */
export function meaningOf(
  dataset: Dataset,
  stream: Stream,
  setting: Pick<RunSetting, "order" | "seed" | "batch" | "skipItems">,
  items: number,
): Meaning {
  const { classNames, featureNames, learnedBefore = [] } = dataset;
  return {
    classes: classNames ?? null,
    scaling: stream.saveScaling(),
    features: featureNames ?? null,
    learned: withStretch(learnedBefore, stretchOf(dataset, setting, items)),
  };
}

/** As a LayersModel holds it. */
export function modelMetadata(means: Meaning): Metadata {
  return { [key]: means };
}

/** As a safetensors file holds it, whose metadata are texts. */
export function weightsMetadata(means: Meaning): Readonly<Record<string, string>> {
  return { [key]: JSON.stringify(means) };
}

/**
 * What was saved with the weights that a run begins with; null where they are drawn, or came from
 * elsewhere. Weights of a file of their own have nothing to do with what a model's folder says.
 *
 * @throws InputError where it is damaged.
 */
export function readMeaning({
  model,
  weights,
}: {
  readonly model?: string | undefined;
  readonly weights?: string | undefined;
}): Meaning | null {
  if (weights !== undefined) {
    const text = readSafetensorsMetadata(weights)?.[key];
    return text === undefined ? null : parse(text, weights);
  }
  const saved = model === undefined ? undefined : readLayersModelMetadata(model)?.[key];
  return saved === undefined ? null : parse(saved, model as string);
}

function parse(value: unknown, source: string): Meaning {
  let content = value;
  try {
    if (typeof value === "string") content = JSON.parse(value);
  } catch {
    // No JSON is no meaning: refused below.
  }
  const { data, error } = meaning.safeParse(content);
  if (data) return data;
  const [issue] = error.issues;
  throw new InputError(
    `Expected classes and scaling of inputs under "${key}" in the metadata of ${source} but ` +
      `${issue?.path.join(".") || "they"} cannot be read (${issue?.message}); save the model ` +
      "again, or remove the entry",
  );
}

/**
 * A data set as a saved model sees it: its classes are found by name among those that the model
 * knows, and its inputs are scaled as they were.
 *
 * @throws InputError that names a class that the model does not know, or a feature that is not the
 *   one that it has learned from.
 */
export function withMeaning(
  dataset: Dataset,
  { classes, scaling, features = null, learned = [] }: Meaning,
): Dataset {
  expectFeatures(dataset, features);
  const own = classes === null ? dataset : withClasses(dataset, classes);
  const known = {
    ...(scaling === null ? {} : { savedScaling: scaling }),
    // What a file without a header does not tell stays what it was.
    ...(features === null ? {} : { featureNames: features }),
    ...(learned.length === 0 ? {} : { learnedBefore: learned }),
  };
  return Object.keys(known).length === 0 ? own : { ...own, ...known };
}

/** Columns of other names, or in another order, would be read as if they were the same. */
function expectFeatures({ name, featureNames }: Dataset, known: readonly string[] | null): void {
  if (!featureNames || !known) return;
  if (featureNames.length !== known.length)
    throw new InputError(
      `Expected ${known.length} features in ${name}, as in the data that the saved model has ` +
        `learned from, but found ${featureNames.length}; give the columns ${shown(known)}, or ` +
        "train again without the saved weights",
    );
  const different = known.findIndex((feature, at) => feature !== featureNames[at]);
  if (different < 0) return;
  throw new InputError(
    `Expected feature ${different + 1} of ${name} to be ${JSON.stringify(known[different])}, ` +
      "as in the data that the saved model has learned from, but it is " +
      `${JSON.stringify(featureNames[different])}; give the columns ${shown(known)} in this ` +
      "order, or train again without the saved weights",
  );
}

function withClasses(dataset: Dataset, known: readonly string[]): Dataset {
  const { classNames, train, test } = dataset;
  if (!classNames) return dataset;
  const labels = classNames.map((name) => known.indexOf(name));
  const unknown = classNames[labels.indexOf(-1)];
  if (unknown !== undefined)
    throw new InputError(
      `Expected only classes in ${dataset.name} that the saved model knows, ${shown(known)}, ` +
        `but found ${JSON.stringify(unknown)}; leave its samples out, or train again without the ` +
        "saved weights",
    );
  if (known.length === classNames.length && labels.every((label, place) => label === place))
    return dataset;
  const relabel = (data: LabelledData) => relabelled(data, labels, known.length);
  return { ...dataset, train: relabel(train), test: relabel(test), classNames: known };
}

const mostShown = 10;

function shown(names: readonly string[]): string {
  const more = names.length > mostShown ? ", ..." : "";
  return `${names
    .slice(0, mostShown)
    .map((name) => JSON.stringify(name))
    .join(", ")}${more}`;
}

/** The same samples with other labels. */
function relabelled(data: LabelledData, labels: readonly number[], classes: number): LabelledData {
  const { readRaw, readRotated } = data as Partial<RotatableData>;
  const same = {
    count: data.count,
    classes,
    inputShape: data.inputShape,
    read: data.read.bind(data),
    label: (index: number) => labels[data.label(index)] as number,
    ...(readRaw ? { readRaw: readRaw.bind(data) } : {}),
    ...(data.statistics ? { statistics: data.statistics } : {}),
    ...(data.pixels ? { pixels: data.pixels } : {}),
  };
  return readRotated ? Object.assign(same, { readRotated: readRotated.bind(data) }) : same;
}
