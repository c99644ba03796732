import type { LayerProfile, Profile } from "@ferret-ocl/planner";
import { InputError } from "./errors.js";

/** What follows from a layer's shapes alone, whatever the machine and the runtime. */
const shapes = {
  parameterBytes: "bytes of parameters",
  outputBytes: "bytes of output",
  predictionBytes: "bytes of output for an item",
  innerBytes: "bytes to save",
} as const satisfies Partial<Record<keyof LayerProfile, string>>;

/**
 * Refuses a profile of another model, of other batches or of other inputs: its times would be those
 * of something else.
 *
 * @param here of the model that runs, at the batches that the file must tell of.
 * @throws InputError that names the first difference.
 */
export function expectSameModel(told: Profile, here: Profile, path: string): void {
  const { batch, learnBatch, layers } = here;
  const differs = (what: string, wanted: unknown, found: unknown) =>
    new InputError(
      `Expected a profile of model ${here.model} at batch ${batch} (learning ${learnBatch}) in ` +
        `${path} but ${what} ${found} instead of ${wanted}; write one with ferret profile ` +
        "for this model, data set, batch and algorithm",
    );
  if (told.batch !== batch) throw differs("its batch is", batch, told.batch);
  if (told.learnBatch !== learnBatch)
    throw differs("its learned batch is", learnBatch, told.learnBatch);
  if (told.layers.length !== layers.length)
    throw differs("its number of layers is", layers.length, told.layers.length);
  if (told.itemInputBytes !== here.itemInputBytes)
    throw differs("its items have bytes of input:", here.itemInputBytes, told.itemInputBytes);
  layers.forEach((layer, index) => {
    const other = told.layers[index] as LayerProfile;
    if (other.name !== layer.name) throw differs(`layer ${index} is`, layer.name, other.name);
    for (const [field, name] of Object.entries(shapes)) {
      const key = field as keyof typeof shapes;
      if (other[key] !== layer[key])
        throw differs(`layer ${layer.name} has ${name}:`, layer[key], other[key]);
    }
  });
}
