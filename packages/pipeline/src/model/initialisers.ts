import { expected } from "../errors.js";
import { type Initial, scaleVariance, type VarianceScaling } from "./initial.js";
import { isRecord } from "./read.js";
import type { Shape } from "./shape.js";

/** Cases of variance scaling that have names of their own. */
const scalings: Readonly<Record<string, readonly [scale: number, mode: VarianceScaling["mode"]]>> =
  {
    glorot: [1, "fan_avg"],
    xavier: [1, "fan_avg"],
    he: [2, "fan_in"],
    lecun: [1, "fan_in"],
  };

const known =
  "GlorotUniform, GlorotNormal, HeUniform, HeNormal, LecunUniform, LecunNormal, VarianceScaling, " +
  "RandomUniform, RandomNormal, TruncatedNormal, Zeros, Ones or Constant";

/**
 * Reads an initialiser in any of the ways that Keras and tfjs write it: `"he_normal"`, `"HeNormal"`
 * or `{ class_name, config }`. Their seeds are not kept: a run's own seed draws everything.
 *
 * @param shape of the tensor, on which variance scaling depends.
 * @param drawn false where the values come from a file: then any initialiser will do.
 * @throws InputError that names it where it is unknown or its settings are malformed.
 */
export function readInitialiser(
  value: unknown,
  path: string,
  shape: Shape,
  drawn: boolean,
): Initial {
  const name = isRecord(value) ? value.class_name : value;
  const config = isRecord(value) && isRecord(value.config) ? value.config : {};
  const initial = typeof name === "string" ? byName(name, config, path, shape) : null;
  if (initial !== null) return initial;
  if (!drawn) return { distribution: "none", name: JSON.stringify(name) };
  throw expected(`initialiser ${known}`, path, name, "choose one of them");
}

/** Null where there is none of that name. */
function byName(
  name: string,
  config: Record<string, unknown>,
  path: string,
  shape: Shape,
): Initial | null {
  const read = (key: string, fallback: number) => readNumber(config, key, path, fallback);
  const plain = plainName(name);
  const [, family = "", kind] = /^(glorot|xavier|he|lecun)(uniform|normal)$/.exec(plain) ?? [];
  const scaling = scalings[family];
  if (scaling) {
    requireKeys(config, ["seed"], path);
    const distribution = kind === "uniform" ? "uniform" : "truncatedNormal";
    return scaleVariance({ scale: scaling[0], mode: scaling[1], distribution }, shape);
  }
  switch (plain) {
    case "zeros":
    case "zero":
    case "ones":
    case "one":
      requireKeys(config, [], path);
      return plain.startsWith("zero") ? 0 : 1;
    case "constant":
      requireKeys(config, ["value"], path);
      return read("value", 0);
    case "randomuniform":
    case "uniform": {
      requireKeys(config, ["minval", "maxval", "seed"], path);
      const [low, high] = [read("minval", -0.05), read("maxval", 0.05)];
      if (low > high) throw expected(`number from ${low}`, `${path}.config.maxval`, high);
      return { distribution: "uniform", low, high };
    }
    case "randomnormal":
    case "normal":
    case "truncatednormal": {
      requireKeys(config, ["mean", "stddev", "seed"], path);
      const deviation = read("stddev", 0.05);
      if (deviation < 0) throw expected("number from 0", `${path}.config.stddev`, deviation);
      const distribution = plain === "truncatednormal" ? "truncatedNormal" : "normal";
      return { distribution, mean: read("mean", 0), deviation };
    }
    case "variancescaling":
      requireKeys(config, ["scale", "mode", "distribution", "seed"], path);
      return scaleVariance(readScaling(config, path), shape);
    default:
      return null;
  }
}

function readScaling(config: Record<string, unknown>, path: string): VarianceScaling {
  const scale = readNumber(config, "scale", path, 1);
  if (!(scale > 0)) throw expected("number above 0", `${path}.config.scale`, scale);
  const read = <T extends string>(key: string, words: Readonly<Record<string, T>>, or: string) => {
    const word = config[key] ?? or;
    const meant = typeof word === "string" ? words[word.replaceAll("_", "").toLowerCase()] : null;
    if (meant) return meant;
    throw expected(Object.keys(words).join(" or "), `${path}.config.${key}`, word);
  };
  return {
    scale,
    mode: read("mode", { fanin: "fan_in", fanout: "fan_out", fanavg: "fan_avg" }, "fan_in"),
    distribution: read(
      "distribution",
      {
        uniform: "uniform",
        // Keras 2 and tfjs mean the truncated one by this.
        normal: "truncatedNormal",
        truncatednormal: "truncatedNormal",
        untruncatednormal: "normal",
      },
      "truncated_normal",
    ),
  };
}

function readNumber(
  config: Record<string, unknown>,
  key: string,
  path: string,
  fallback: number,
): number {
  const value = config[key] ?? fallback;
  // Values are float32, so what is no float32 would be infinite.
  if (typeof value !== "number" || !Number.isFinite(Math.fround(value)))
    throw expected("number that fits a float32", `${path}.config.${key}`, value);
  return value;
}

function requireKeys(config: Record<string, unknown>, keys: readonly string[], path: string): void {
  const other = Object.keys(config).find((key) => !keys.includes(key) && config[key] !== null);
  if (other !== undefined)
    throw expected(
      keys.length === 0 ? "no settings" : `${keys.join(", ")} alone`,
      `${path}.config`,
      other,
      "remove it",
    );
}

/** tfjs' names by ours without case; it has no other ones. */
const tfjsNames: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ...["GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LeCunUniform", "LeCunNormal"],
    ...["RandomUniform", "RandomNormal", "TruncatedNormal", "VarianceScaling"],
    ...["Zeros", "Ones", "Constant", "Orthogonal", "Identity"],
  ].map((name) => [name.toLowerCase(), name]),
);

/**
 * An initialiser as `{ class_name, config }` in tfjs' names; null where tfjs has none such, or a
 * setting that it does not know.
 */
export function canonicalInitialiser(value: unknown): object | null {
  const name = isRecord(value) ? value.class_name : value;
  const className = typeof name === "string" ? tfjsNames[plainName(name)] : undefined;
  if (className === undefined) return null;
  const config = isRecord(value) && isRecord(value.config) ? value.config : {};
  if (config.distribution === "untruncated_normal") return null;
  const settings = Object.entries(config).filter(([, setting]) => setting !== null);
  return { class_name: className, config: Object.fromEntries(settings) };
}

const plainName = (name: string) => name.replaceAll("_", "").toLowerCase();
