import { kernelParameters } from "@ferret-ocl/compensation/testing";
import { guardedArrays } from "./guarded.mjs";
import { strange } from "./strange.mjs";

/** One call of a vector kernel: right in most of its arguments, and often in all. */
export function callVectorKernel(addon, random) {
  const { below, pick, chance } = random;
  const name = pick(Object.keys(kernelParameters));
  const arrays = guardedArrays();
  const parameters = kernelParameters[name];
  const isPlain = parameters.some(({ mayBeNone }) => mayBeNone) && chance(0.3);
  const rows = isPlain ? 0 : below(9);
  const columns = isPlain ? 0 : below(40);
  const count = isPlain ? below(100) : rows * columns;
  const vectors = [];
  const vector = (length = count) => {
    if (vectors.length > 0 && chance(0.15)) return pick(vectors);
    const array = arrays.allocate(Float32Array, length, 4 * below(4));
    for (let index = 0; index < length; index++) array[index] = random.next() - 0.5;
    vectors.push(array);
    return array;
  };
  const doubles = (length) => arrays.allocate(Float64Array, length, 8 * below(2));
  const make = {
    vector: () => vector(),
    versions: () => Array.from({ length: below(5) }, () => vector()),
    number: () => pick([0, 0.5, 1, -1, Number.NaN, Number.POSITIVE_INFINITY]),
    doubles: (length) => doubles(length),
    rows: (times) => doubles(times * rows),
    columns: (times) => doubles(times * columns),
  };
  const call = parameters.map((parameter) => make[parameter.kind](parameter.count));
  const wrongs = pick([0, 0, 1, 1, 2]);
  for (let wrong = 0; wrong < wrongs; wrong++) {
    const place = below(call.length);
    call[place] = chance(0.4)
      ? vector(Math.max(0, count + pick([-1, 1])))
      : Array.isArray(call[place]) && chance(0.7)
        ? treacherous(call, random)
        : strange(random);
  }
  if (chance(0.05)) call.length = below(call.length);
  return {
    text: `${name}, ${rows} x ${columns}, ${wrongs} wrong`,
    run: () => addon[name](...call),
    check: arrays.check,
  };
}

/** Versions one of which takes the memory of the call's arrays away when it is looked at. */
function treacherous(call, { pick }) {
  const length = 8;
  const victims = call.filter((value) => value instanceof Float32Array);
  const versions = [new Float32Array(length), new Float32Array(length), new Float32Array(length)];
  return Object.defineProperty(versions, pick([0, 1, 2]), {
    get() {
      for (const { buffer } of victims)
        if (!buffer.detached && buffer.byteLength > 0)
          structuredClone(buffer, { transfer: [buffer] });
      return new Float32Array(length);
    },
  });
}
