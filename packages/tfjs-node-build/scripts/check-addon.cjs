// Loads an addon that is not in its place yet, as tfjs-node loads it, and computes with it: a product,
// and a convolution with its gradients. A process of its own: what does not fit ends it.
// Arguments: the folder of tfjs-node, the addon. Prints one line of JSON.
const { join } = require("node:path");
const util = require("node:util");

const [, , folder, addon] = process.argv;
// tfjs-node 4.22 calls a function that Node 23 took away.
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
const inPackage = require("node:module").createRequire(join(folder, "package.json"));
const tf = inPackage("@tensorflow/tfjs");
tf.enableProdMode();
inPackage("./dist/register_all_kernels");
const { NodeJSKernelBackend } = inPackage("./dist/nodejs_kernel_backend");
const { name } = inPackage("./package.json");
const binding = require(addon);
const backend = new NodeJSKernelBackend(binding, name);
tf.registerBackend("tensorflow", () => backend);
if (!tf.setBackend("tensorflow")) throw new Error("tfjs refused the backend");

function expectValues(what, tensor, expected) {
  const values = Array.from(tensor.dataSync());
  if (values.length === expected.length && values.every((value, at) => value === expected[at]))
    return;
  throw new Error(`${what} gave ${values} where ${expected} is right`);
}

const product = tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2]));
expectValues("a product", product, [19, 22, 43, 50]);
const image = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
const kernel = tf.tensor4d([1, 0, 0, -1], [2, 2, 1, 1]);
const convolve = (x, k) => tf.conv2d(x, k, 1, "valid");
expectValues("a convolution", convolve(image, kernel), [-4, -4, -4, -4]);
const [atImage, atKernel] = tf.grads((x, k) => convolve(x, k).sum())([image, kernel]);
expectValues("its gradient at the image", atImage, [1, 1, 0, 1, 0, -1, 0, -1, -1]);
expectValues("its gradient at the kernel", atKernel, [12, 16, 24, 28]);
console.log(
  JSON.stringify({ tensorFlow: binding.TF_Version, usesGpu: backend.isUsingGpuDevice === true }),
);
