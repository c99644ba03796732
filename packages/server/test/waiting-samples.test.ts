import fc from "fast-check";
import { afterEach, expect, it, vi } from "vitest";
import { TakenIdError, UnknownIdError, WaitingSamples } from "../src/index.js";

const bytesOfSample = 4 * (2 + 1) + 256;
const storeOf = (samples: number, time = 1000) =>
  new WaitingSamples(2, 1, { bytes: samples * bytesOfSample, time });
const add = (store: WaitingSamples, id: string, value: number) =>
  store.add(store.reserve(id), new Float32Array([value, -value]), [value % 3]);

afterEach(() => vi.useRealTimers());

it("holds the newest samples within its bytes, whatever comes and goes", () => {
  const step = fc.record({ id: fc.integer({ min: 0, max: 30 }), takes: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 120 }),
      fc.integer({ min: 1, max: 6 }),
      (steps, room) => {
        const store = storeOf(room);
        let model: { id: string; value: number }[] = [];
        let expired = 0;
        for (const [value, { id, takes }] of steps.entries()) {
          const name = `${id}`;
          const found = model.find((each) => each.id === name);
          if (takes) {
            if (!found) expect(() => store.takeAll([name])).toThrow(UnknownIdError);
            else {
              const [{ x, predicted } = expect.fail()] = store.takeAll([name]);
              expect([...x, ...predicted]).toEqual([found.value, -found.value, found.value % 3]);
              // Until it is said what became of it, nobody else has its id.
              expect(() => store.reserve(name)).toThrow(TakenIdError);
              expect(() => store.takeAll([name])).toThrow(UnknownIdError);
              store.release(name);
              model = model.filter((each) => each.id !== name);
            }
          } else if (found) expect(() => store.reserve(name)).toThrow(TakenIdError);
          else {
            add(store, name, value);
            model.push({ id: name, value });
            if (model.length > room) {
              model.shift();
              expired++;
            }
          }
          expect(store.count).toBe(model.length);
          expect(store.expired).toBe(expired);
        }
        expect(store.plannedBytes).toBe(room * bytesOfSample);
      },
    ),
  );
});

it("lets samples go when their time is over, and says that they are gone", () => {
  vi.useFakeTimers({ toFake: ["performance", "Date"] });
  const store = storeOf(4, 1000);
  add(store, "old", 1);
  vi.advanceTimersByTime(600);
  add(store, "young", 2);
  vi.advanceTimersByTime(600);
  expect(() => store.takeAll(["young", "old"])).toThrow(/for id but received "old"; .*expired/);
  expect([store.count, store.expired]).toEqual([1, 1]);
  // Of the call before, nothing was taken.
  expect(store.takeAll(["young"])).toHaveLength(1);
});

it("goes on from what it has saved; the time in between counts", () => {
  vi.useFakeTimers({ toFake: ["performance", "Date"] });
  const store = storeOf(4, 1000);
  add(store, "old", 1);
  vi.advanceTimersByTime(600);
  add(store, "young", 0.1);
  const saved = JSON.parse(JSON.stringify(store.save()));
  vi.advanceTimersByTime(600);
  const again = storeOf(4, 1000);
  again.restore(saved);
  expect([again.count, again.expired]).toEqual([1, 1]);
  const [{ x } = expect.fail()] = again.takeAll(["young"]);
  expect(x).toEqual(new Float32Array([0.1, -0.1]));
});

it("keeps the newest where there is less room than before", () => {
  const store = storeOf(4);
  for (const [index, id] of ["a", "b", "c"].entries()) add(store, id, index);
  const again = storeOf(2);
  again.restore(store.save());
  expect(again.takeAll(["b", "c"])).toHaveLength(2);
  expect(again.expired).toBe(1);
});

it("refuses an id that is being predicted, and one label for two", () => {
  const store = storeOf(4);
  store.reserve("a");
  expect(() => store.reserve("a")).toThrow(/no other sample waits for id but received "a"/);
  store.release("a");
  add(store, "a", 1);
  expect(() => store.takeAll(["a", "a"])).toThrow(/one label for each sample/);
  expect(store.count).toBe(1);
});

it("refuses a room for less than a sample, and values of another model", () => {
  expect(() => new WaitingSamples(2, 1, { bytes: bytesOfSample - 1, time: 1 })).toThrow(
    new RegExp(`a size from ${bytesOfSample} bytes, which one sample takes`),
  );
  const store = storeOf(1);
  add(store, "a", 1);
  const other = new WaitingSamples(3, 1, { bytes: 1000, time: 1000 });
  expect(() => other.restore(store.save())).toThrow(/Expected 1 samples of 4 numbers/);
});
