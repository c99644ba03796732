import { referenceKernels } from "../src/index.js";
import { type Method, settingsOf } from "../src/method.js";

/** A method as it is, without what guards it and checks its calls. */
export const bare = <Options>(
  method: Method<Options>,
  options: Options = {} as Options,
  kernels = referenceKernels,
) => method.create(kernels, settingsOf(method, options));
