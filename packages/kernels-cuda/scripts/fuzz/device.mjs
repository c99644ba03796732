import { kernelParameters } from "@ferret-ocl/compensation/testing";
import { strange } from "./strange.mjs";

const b = "buffer";
const n = "number";

/** Arguments behind the stream, of kernels that the processor has not or has in another form. */
const ownKernels = {
  iterativeFisherStep: [b, b, "versions", b, b, n, n, n, n, 4],
  delayAdaptive: [b, b, b, n, n, n],
  fisherDiagonal: [b, b, n],
  squaredNorm: [b, 1],
};

const kindOf = ({ kind, count }) => ({ vector: b, number: n, doubles: count })[kind] ?? kind;

const argumentsOf = (name) => ownKernels[name] ?? kernelParameters[name].map(kindOf);

/** Some calls of a device's addon on the same few objects, of which some are freed or destroyed. */
export function callDevice(addon, random) {
  const { below, pick, chance } = random;
  const steps = 1 + below(12);
  let last = "nothing";
  return {
    get text() {
      return `${steps} calls of a device, the last one ${last}`;
    },
    run() {
      const world = createWorld(addon, random);
      let refusal;
      for (let step = 0; step < steps; step++) {
        last = pick(chance(0.6) ? ["kernel", "kernel", "copy"] : Object.keys(acts));
        try {
          acts[last](world);
        } catch (error) {
          refusal = error;
        }
      }
      if (refusal) throw refusal;
    },
    check() {},
  };
}

function createWorld(addon, random) {
  const { below, pick, chance } = random;
  const length = below(300);
  const device = () => (chance(0.1) ? 1 : 0);
  const stream = () => new addon.DeviceStream(device());
  const buffer = (type = "float32", count = length) =>
    new addon.DeviceBuffer(device(), count, type);
  const objects = [
    stream(),
    stream(),
    buffer(),
    buffer(),
    buffer(),
    new addon.DeviceEvent(device()),
  ];
  const slice = () => buffer("float32", length + 7).slice(3, 3 + length);
  objects.push(slice(), buffer("float64", 2), addon.pinned(0, length, "float32"));
  const any = () => (chance(0.15) ? strange(random) : pick(objects));
  return { addon, random, length, objects, stream, buffer, any, slice };
}

const acts = {
  kernel({ addon, random, stream, buffer, any, slice, length }) {
    const { below, pick, chance } = random;
    const name = pick(Object.keys(addon.kernels));
    const make = (kind) => {
      if (chance(0.05)) return any();
      if (kind === b) return chance(0.2) ? slice() : buffer();
      if (kind === n) return pick([0, 0.5, -1, Number.NaN]);
      if (typeof kind === "number") return buffer("float64", kind);
      return Array.from({ length: below(4) }, () => buffer());
    };
    const call = argumentsOf(name).map(make);
    // Versions that free what the call has named before, when they are looked at.
    const versions = call.find(Array.isArray);
    if (versions && chance(0.2))
      Object.defineProperty(versions, 0, {
        get() {
          for (const value of call) if (value instanceof addon.DeviceBuffer) value.free();
          return new addon.DeviceBuffer(0, length, "float32");
        },
      });
    addon.kernels[name](chance(0.05) ? any() : stream(), ...call);
  },
  copy({ addon, random, stream, buffer, any, length }) {
    const { pick, chance } = random;
    const staging = chance(0.8) ? addon.pinned(0, length, "float32") : any();
    const there = chance(0.8) ? buffer() : any();
    const name = pick(["copyIn", "copyOut", "copy", "zero", "record", "waitFor"]);
    const call = name === "copyIn" ? [there, staging] : [staging, there];
    stream()[name](...(name === "copy" ? [there, any()] : call));
  },
  make({ addon, random, objects, any }) {
    const { pick, chance } = random;
    const device = chance(0.8) ? pick([0, 1, 2, -1]) : any();
    const length = chance(0.8) ? pick([0, 1, 100, 0.5, 2 ** 53, 2 ** 62]) : any();
    const type = chance(0.8) ? pick(["float32", "float64"]) : any();
    const Class = pick([addon.DeviceBuffer, addon.DeviceStream, addon.DeviceEvent]);
    objects.push(
      chance(0.2) ? addon.pinned(device, length, type) : new Class(device, length, type),
    );
  },
  end({ random, objects }) {
    const object = random.pick(objects);
    (object.free ?? object.destroy)?.call(object);
  },
  ask({ addon, random, any }) {
    addon[random.pick(["devices", "memory", "pinned"])](any(), any(), any());
  },
  /** A method or a getter of one class on an object of any. */
  borrow({ addon, random, any }) {
    const { pick } = random;
    const { prototype } = pick([addon.DeviceBuffer, addon.DeviceStream, addon.DeviceEvent]);
    const property = Object.getOwnPropertyDescriptor(
      prototype,
      pick(Object.getOwnPropertyNames(prototype)),
    );
    const method = property.get ?? property.value;
    if (typeof method === "function") method.call(any(), any(), any());
  },
};
