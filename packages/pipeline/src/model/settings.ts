import { expected } from "../errors.js";
import { isRecord, requireDefault } from "./read.js";

/** What a layer kind makes of the keys of its Keras configuration. */
export interface Settings {
  /** Keys that its `parse` reads. */
  readonly read?: readonly string[];
  /** Of those that it reads, what tfjs calls otherwise, and how. */
  readonly tfjsNames?: Readonly<Record<string, string>>;
  /** Keys that change results and are not honoured, with the only values that may stand there. */
  readonly fixed?: Readonly<Record<string, readonly unknown[]>>;
  /** Keys that change no result here, whatever stands there. */
  readonly harmless?: readonly string[];
  /**
   * Its parameters by the word that Keras puts before `_initializer` (which is honoured),
   * `_regularizer` and `_constraint` (which are refused).
   */
  readonly parameters?: readonly string[];
}

type Config = Readonly<Record<string, unknown>>;

/** Keys of every layer: read elsewhere, or checked here. */
const common = new Set(["name", "trainable", "dtype", "batch_input_shape", "batch_shape"]);

const whatToDo = "train without it and remove it from the file";

/**
 * Refuses every setting that would be ignored: those of no layer, those that this kind does not
 * honour, and penalties and constraints, which no update here applies.
 *
 * @param path where the configuration stands, for messages.
 * @throws InputError that names the first such setting.
 */
export function checkSettings(
  className: string,
  { read = [], fixed = {}, harmless = [], parameters = [] }: Settings,
  config: Config,
  path: string,
): void {
  readFrozen(config, path);
  checkType(config.dtype, `${path}.dtype`);
  const roles = new Set(parameters);
  for (const [key, value] of Object.entries(config)) {
    if (common.has(key) || read.includes(key) || harmless.includes(key)) continue;
    const choices = Object.hasOwn(fixed, key) ? fixed[key] : undefined;
    if (choices) {
      requireDefault(config, key, path, choices);
      continue;
    }
    const [, role = "", aspect] = /^(.*)_(initializer|regularizer|constraint)$/.exec(key) ?? [];
    if (roles.has(role) && aspect === "initializer") continue;
    if (roles.has(role) || key === "activity_regularizer") {
      if (aspect === "regularizer" && isWithoutEffect(value)) continue;
      if (value !== null) throw expected("null", `${path}.${key}`, value, whatToDo);
      continue;
    }
    // What is null is not set, whatever it is.
    if (value === null || value === undefined) continue;
    throw expected(
      `settings that ${className} has`,
      path,
      key,
      "remove it if it changes nothing, or correct its name",
    );
  }
}

/** Whether a configuration freezes what it is of: `trainable: false`. */
export function readFrozen({ trainable }: Config, path: string): boolean {
  if (trainable === undefined || trainable === null) return false;
  if (typeof trainable !== "boolean") throw expected("boolean", `${path}.trainable`, trainable);
  return !trainable;
}

/** All is computed in float32: any other type, or a policy of mixed ones, would give other results. */
function checkType(dtype: unknown, path: string): void {
  if (dtype === undefined || dtype === null || dtype === "float32") return;
  const policy = isRecord(dtype) && isRecord(dtype.config) ? dtype.config.name : undefined;
  if (policy !== "float32")
    throw expected('"float32"', path, policy ?? dtype, "convert the model to float32");
}

/** A penalty whose every weight is 0, as some files have it in place of none. */
function isWithoutEffect(value: unknown): boolean {
  if (!isRecord(value) || !isRecord(value.config)) return false;
  const weights = Object.values(value.config);
  return weights.length > 0 && weights.every((weight) => weight === 0);
}
