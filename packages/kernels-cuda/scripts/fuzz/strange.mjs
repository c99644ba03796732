const numbers = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  -0,
  0,
  0.5,
  1e-320,
  1e308,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53,
];

/** A number that is NaN, too large, or not whole. */
export const strangeNumber = ({ pick }) => pick(numbers);

/** An array whose memory has been transferred. */
function detached(Vector, length) {
  const array = new Vector(length);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

/** An array that is as long as a buffer, which then shrinks. */
function shrunk(Vector, length) {
  const bytes = length * Vector.BYTES_PER_ELEMENT;
  const buffer = new ArrayBuffer(2 * bytes, { maxByteLength: 4 * bytes });
  const array = new Vector(buffer);
  buffer.resize(bytes);
  return array;
}

/** An array at the end of a buffer, which then lies beyond it. */
function beyond(Vector, length) {
  const bytes = length * Vector.BYTES_PER_ELEMENT;
  const buffer = new ArrayBuffer(2 * bytes, { maxByteLength: 2 * bytes });
  const array = new Vector(buffer, bytes, length);
  buffer.resize(bytes);
  return array;
}

/** An array over shared memory that grows. */
function grown(Vector, length) {
  const bytes = length * Vector.BYTES_PER_ELEMENT;
  const buffer = new SharedArrayBuffer(bytes, { maxByteLength: 4 * bytes });
  const array = new Vector(buffer);
  buffer.grow(2 * bytes);
  return array;
}

const arrays = [detached, shrunk, beyond, grown, (Vector, length) => new Vector(length)];
const types = [Float32Array, Float64Array, Uint8Array, Int32Array, BigInt64Array];

/** What no argument of a call should be. */
export function strange(random) {
  const { below, pick } = random;
  const length = 1 + below(40);
  return pick([
    () => undefined,
    () => null,
    () => strangeNumber(random),
    () => 1n,
    () => "a string",
    () => Symbol("a symbol"),
    () => true,
    () => ({}),
    () => Object.create(null),
    () => [],
    () => new Array(2 ** 32 - 1),
    () => [new Float32Array(length), null],
    () => () => {},
    () => new DataView(new ArrayBuffer(64)),
    () => new ArrayBuffer(64),
    () => new Proxy(new Float32Array(length), {}),
    () => new Proxy([], {}),
    () => ({
      get constructor() {
        throw new RangeError("a getter of the fuzzer");
      },
    }),
    () => pick(arrays)(pick(types), length),
  ])();
}
