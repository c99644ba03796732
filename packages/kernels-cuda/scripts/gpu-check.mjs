// Loads the addon of a device and adds two vectors there. Takes the binary's name,
// kernels_host.node or kernels_cuda.node.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const binary = new URL(`../build/Release/${process.argv[2]}`, import.meta.url);
addOn(createRequire(import.meta.url)(fileURLToPath(binary)), 100_003);

/** Adds 1 and 2 in `length` places on a device. */
function addOn(addon, length) {
  const [device] = addon.devices();
  const stream = new addon.DeviceStream(device.index);
  const [sum, gradient] = [1, 2].map((value) => {
    const buffer = new addon.DeviceBuffer(device.index, length, "float32");
    const staging = addon.pinned(device.index, length, "float32");
    stream.copyIn(buffer, staging.fill(value));
    stream.synchronize();
    return buffer;
  });
  addon.kernels.add(stream, sum, gradient);
  const result = addon.pinned(device.index, length, "float32");
  stream.copyOut(result, sum);
  stream.synchronize();
  const wrong = result.findIndex((value) => value !== 3);
  if (wrong >= 0) throw new Error(`Expected 3 at ${wrong} but received ${result[wrong]}`);
  console.log(`${device.name}: ${length} sums are right`);
}
