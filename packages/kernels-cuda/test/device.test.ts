import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { kernelChecks } from "@ferret-ocl/compensation/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DeviceAddon, openDevices } from "../src/device.js";
import { type DeviceBuffer, type Devices, loadKernels } from "../src/index.js";
import { onArrays } from "./device-arrays.js";
import { generator } from "./generator.js";

// The addon of the GPU with its memory and kernels on the processor: runs on every machine.
const hostPath = fileURLToPath(new URL("../build/Release/kernels_host.node", import.meta.url));
const host = existsSync(hostPath)
  ? openDevices(createRequire(import.meta.url)(hostPath) as DeviceAddon)
  : null;
const { cuda, report } = loadKernels();
if (!host) console.warn(`Device buffers are not tested: ${hostPath} has not been built`);
if (!cuda) {
  const { reason } = report.rejected.find(({ candidate }) => candidate === "cuda")!;
  console.warn(`The GPU is not tested: ${reason}`);
}

const places: [string, Devices | null][] = [
  ["host memory", host],
  ["a GPU", cuda],
];

describe.each(places)("a device in %s", (_, found) => {
  const there = found !== null;
  const [device] = (found?.devices ?? []) as [Devices["devices"][0]];
  const kernels = found?.kernels as Devices["kernels"];

  describe.skipIf(!there).each(kernelChecks)("$claim", ({ run }) => {
    it.each([0, 1])("behind %i floats", (offset) => {
      const arrays = onArrays(found as Devices, offset);
      for (const length of [0, 1, 5, 1023, 5000]) run(arrays, length, generator(length));
      fc.assert(
        fc.property(fc.nat(3000), fc.integer(), (length, seed) =>
          run(arrays, length, generator(seed)),
        ),
        { numRuns: 5 },
      );
    });
  });

  it.skipIf(!there)("copies in, on the device and out, in slices too", () => {
    const stream = device.stream();
    const [from, to] = [device.allocate(10), device.allocate(10)];
    const [source, result] = [device.pinned(10), device.pinned(10)];
    source.set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    stream.copyIn(from, source);
    stream.zero(to);
    stream.copy(to.slice(2, 5), from.slice(5, 8));
    stream.copyOut(result, to);
    stream.synchronize();
    expect([...result]).toEqual([0, 0, 5, 6, 7, 0, 0, 0, 0, 0]);
    expect(stream.isIdle).toBe(true);
    expect(() => to.slice(3, 11)).toThrow("Expected begin <= end <= 10 but received 3 and 11");
    stream.destroy();
    expect(() => stream.synchronize()).toThrow("one that has been destroyed");
  });

  it.skipIf(!there)("orders streams by events and measures between them", () => {
    const [first, second] = [device.stream(), device.stream()];
    const [begin, end] = [device.event(), device.event()];
    const [buffer, ones, result] = [device.allocate(1e5), device.pinned(1e5), device.pinned(1e5)];
    ones.fill(1);
    first.record(begin);
    first.copyIn(buffer, ones);
    kernels.add(first, buffer, buffer.slice());
    first.record(end);
    second.waitFor(end);
    second.copyOut(result, buffer);
    second.synchronize();
    expect(result.every((value) => value === 2)).toBe(true);
    expect(end.isDone).toBe(true);
    expect(end.millisecondsSince(begin)).toBeGreaterThanOrEqual(0);
  });

  it.skipIf(!there)("refuses memory that has been freed, with its size", () => {
    const stream = device.stream();
    const buffer = device.allocate(6);
    const part = buffer.slice(0, 3);
    buffer.free();
    buffer.free();
    expect(part.freed).toBe(true);
    const message = "holds memory for gradient but received one of 12 bytes on device 0 that has";
    expect(() => kernels.add(stream, device.allocate(3), part)).toThrow(message);
    expect(() => part.slice()).toThrow("has been freed");
  });

  it.skipIf(!there)("says how much there was when it is out of memory", () => {
    expect(() => device.allocate(2 ** 46)).toThrow(
      /^Expected 281474976710656 bytes on device 0 but \d+ of its \d+ bytes are free: /,
    );
    expect(device.memory().freeBytes).toBeLessThanOrEqual(device.memory().totalBytes);
  });

  it.skipIf(!there)("refuses what it cannot use, with the argument's name", () => {
    const stream = device.stream();
    const [three, four] = [device.allocate(3), device.allocate(4)];
    const sums = device.allocate(2, "float64");
    const wrong = (value: unknown) => value as typeof three;
    expect(() => kernels.add(stream, three, four)).toThrow(
      "Expected 3 elements for gradient but received 4",
    );
    expect(() => kernels.add(stream, three, wrong(new Float32Array(3)))).toThrow(
      "Expected a DeviceBuffer for gradient but received an object of type Float32Array",
    );
    expect(() => kernels.add(stream, three, sums)).toThrow("Expected a float32 buffer");
    expect(() => kernels.squaredNorm(stream, three, sums)).toThrow(
      "Expected a float64 buffer of 1 elements for sums but received one of 16 bytes",
    );
    expect(() => kernels.iterativeFisher(stream, three, [], 1)).toThrow("1 to 128 buffers");
    expect(() => kernels.sgd(stream, three, three, three, wrong("x") as never)).toThrow(
      "Expected a number for learningRate but received a string",
    );
    expect(() => kernels.add(stream, four.slice(0, 3), four.slice(1))).toThrow(
      "Expected accumulator and gradient apart from each other but they overlap",
    );
    expect(() => stream.copyIn(three, new Float32Array(3))).toThrow(
      "Expected pinned memory for source but received 12 ordinary bytes",
    );
    expect(() => stream.copyIn(three, device.pinned(4))).toThrow("Expected 3 elements for source");
    expect(() => device.pinned(2 ** 30)).toThrow(
      "Expected at most 4294967295 bytes of pinned memory but received 4294967296; copy in parts",
    );
    expect(() => device.allocate(-1)).toThrow("Expected a whole number of at least 0 for length");
  });

  it.skipIf(!there)("refuses objects of another class, as arguments and as `this`", () => {
    const [buffer, stream, event] = [device.allocate(3), device.stream(), device.event()];
    expect(() => kernels.add(event as never, buffer, buffer)).toThrow(
      "Expected a DeviceStream for stream but received an object of type DeviceEvent",
    );
    expect(() => stream.zero(stream as never)).toThrow(
      "Expected a DeviceBuffer for buffer but received an object of type DeviceStream",
    );
    const getter = (of: object, name: string) =>
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(of), name)!.get!;
    for (const name of ["length", "bytes", "type", "device", "freed"])
      expect(() => getter(buffer, name).call(stream)).toThrow(
        "Expected a DeviceBuffer for this but received an object of type DeviceStream",
      );
    expect(() => getter(event, "isDone").call(buffer)).toThrow("Expected a DeviceEvent for this");
    expect(() => getter(stream, "isIdle").call(new Proxy(stream, {}))).toThrow(
      "Expected a DeviceStream for this",
    );
  });

  it.skipIf(!there)("refuses buffers that a getter frees while the call is read", () => {
    const [stream, gradient] = [device.stream(), device.allocate(3)];
    const versions = [device.allocate(3), device.allocate(3)];
    const last = versions[1] as DeviceBuffer;
    Object.defineProperty(versions, 1, {
      get: () => {
        gradient.free();
        return last;
      },
    });
    expect(() => kernels.iterativeFisher(stream, gradient, versions, 1)).toThrow(
      "Expected a buffer that holds memory for gradient but received one of 12 bytes on device 0 that has been freed",
    );
    const others = [device.allocate(3), device.allocate(3)];
    Object.defineProperty(others, 0, {
      get: () => {
        stream.destroy();
        return last;
      },
    });
    expect(() => kernels.iterativeFisher(stream, device.allocate(3), others, 1)).toThrow(
      "Expected a stream but received one that has been destroyed",
    );
  });

  it.skipIf(!there || found!.devices.length < 2)("refuses memory of another device", () => {
    const other = found!.devices[1]!.allocate(5);
    expect(() => kernels.add(device.stream(), device.allocate(5), other)).toThrow(
      "Expected a buffer on device 0 for gradient but received one of 20 bytes on device 1",
    );
  });

  it.skipIf(!there)("slows down by the delay, and keeps the diagonal of the Fisher matrix", () => {
    const stream = device.stream();
    const count = 1001;
    const values = (scale: number) => Float32Array.from({ length: count }, (_, i) => scale * i);
    const [gradient, newest, destination, square] = [0.5, 0.25, 0, 2].map((scale) => {
      const buffer = device.allocate(count);
      const staging = device.pinned(count);
      staging.set(values(scale));
      stream.copyIn(buffer, staging);
      stream.synchronize();
      return buffer;
    }) as [DeviceBuffer, DeviceBuffer, DeviceBuffer, DeviceBuffer];
    const fetch = (buffer: DeviceBuffer) => {
      const staging = device.pinned(count);
      stream.copyOut(staging, buffer);
      stream.synchronize();
      return staging;
    };
    // All of these numbers are powers of two or small, so that nothing is rounded.
    kernels.delayAdaptive(stream, destination, gradient, newest, 0.75, 4, 0);
    expect(fetch(destination)).toEqual(values(0.125));
    kernels.delayAdaptive(stream, destination, gradient, newest, 0.75, 4, 0.5);
    expect(fetch(destination)).toEqual(values(0.1875));
    kernels.fisherDiagonal(stream, square, gradient, 0.5);
    const expected = Float32Array.from({ length: count }, (_, i) => i + i * i * 0.125);
    expect(fetch(square)).toEqual(expected);
  });

  it.skipIf(!there)("publishes a version and moves lambda without the host", () => {
    const stream = device.stream();
    const one = () => device.allocate(1);
    const [old, now, gradient, residual, fisher, next] = [one(), one(), one(), one(), one(), one()];
    const state = device.allocate(4, "float64");
    const send = (buffer: typeof state, ...values: number[]) => {
      const staging = device.pinned(values.length, buffer.type as "float64");
      staging.set(values);
      stream.copyIn(buffer, staging);
    };
    send(old, 0);
    send(now, 1);
    send(gradient, 0.5);
    send(state, 0.5, 0, 1, 41);
    kernels.iterativeFisherStep(
      stream,
      next,
      gradient,
      [old, now],
      residual,
      fisher,
      0.5,
      0.25,
      0,
      0.125,
      state,
    );
    const [weights, numbers] = [device.pinned(1), device.pinned(4, "float64")];
    stream.copyOut(weights, next);
    stream.copyOut(numbers, state);
    stream.synchronize();
    // repaired = 0.5 (1 + 0.5 * 0.5 * 1); v_a = 0.125, d = 0.25, so lambda* = 2; half the way there.
    expect(weights[0]).toBe(1 - 0.125 * 0.625);
    expect([...numbers]).toEqual([1.25, 0, 0, 42]);
  });
});

describe.skipIf(!host)("memory that nothing refers to", () => {
  it("is freed by the collector", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const { devices } = host as Devices;
    const device = devices[0]!;
    const stream = device.stream();
    const bytes = 2 ** 28;
    const before = process.memoryUsage().rss;
    stream.zero(device.allocate(bytes / 4));
    expect(process.memoryUsage().rss - before).toBeGreaterThan(bytes / 2);
    for (let turn = 0; turn < 20 && process.memoryUsage().rss - before > bytes / 2; turn++) {
      collect();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(bytes / 2);
  });
});
