const guard = 0xa5;
const margin = 64;

/**
 * Arrays between guard bytes that nothing may touch: `allocate` returns one, `check` throws if the
 * bytes around any of them have changed.
 */
export function guardedArrays() {
  const known = [];
  return {
    allocate(Vector, length, offset = 0) {
      const bytes = length * Vector.BYTES_PER_ELEMENT;
      const whole = new Uint8Array(2 * margin + bytes + offset).fill(guard);
      const begin = margin + offset;
      known.push({ whole, begin, end: begin + bytes });
      return new Vector(whole.buffer, begin, length);
    },
    check() {
      for (const { whole, begin, end } of known)
        for (let place = 0; place < whole.length; place++)
          if ((place < begin || place >= end) && whole[place] !== guard)
            throw new Error(
              `Expected nothing to be written outside ${end - begin} bytes but found ` +
                `${whole[place]} at ${place - begin}`,
            );
    },
  };
}
