import { closeSync, openSync, readSync, statSync } from "node:fs";
import { extname } from "node:path";

const toLayersModel =
  "write it as a LayersModel: tensorflowjs_converter --input_format=keras FILE FOLDER, or by " +
  "model.to_json() and, for the weights, safetensors.numpy.save_file({w.path: w.numpy() for w in " +
  "model.weights}, 'weights.safetensors')";
const toSafetensors =
  "write its weights as safetensors: safetensors.torch.save_file(model.state_dict(), " +
  "'weights.safetensors')";

interface Format {
  readonly what: string;
  readonly conversion: string;
}

const hdf5: Format = { what: "an HDF5 file of Keras", conversion: toLayersModel };
const keras: Format = { what: "a Keras archive", conversion: toLayersModel };
const torch: Format = { what: "a PyTorch file", conversion: toSafetensors };

const byExtension: Readonly<Record<string, Format>> = {
  ".h5": hdf5,
  ".hdf5": hdf5,
  ".keras": keras,
  ".pt": torch,
  ".pth": torch,
  ".ckpt": torch,
  ".npz": {
    what: "an archive of NumPy",
    conversion:
      "write its arrays as safetensors: safetensors.numpy.save_file(dict(numpy.load(FILE)), " +
      "'weights.safetensors')",
  },
  ".onnx": { what: "an ONNX file", conversion: "export its weights as safetensors" },
  ".pb": {
    what: "a SavedModel of TensorFlow",
    conversion: `load it in Keras, then ${toLayersModel}`,
  },
  ".tflite": {
    what: "a TensorFlow Lite file",
    conversion: `take the model that it was made from, then ${toLayersModel}`,
  },
};

/**
 * What a file of another tool is, and how to convert it; null if it is not a known one. Recognised
 * by its first bytes, or else by its name, so that the file need not exist.
 */
export function foreignFormat(file: string): string | null {
  const format = byBytes(file) ?? byExtension[extname(file).toLowerCase()];
  return format ? `${file} is ${format.what}; ${format.conversion}` : null;
}

function byBytes(file: string): Format | undefined {
  const head = firstBytes(file);
  if (head.startsWith("\x89HDF")) return hdf5;
  // Pickled, as PyTorch did before 1.6, or a zip archive, which others write too.
  const isPacked = ["\x80\x02", "\x80\x04", "PK\x03\x04"].some((start) => head.startsWith(start));
  return isPacked ? (byExtension[extname(file).toLowerCase()] ?? torch) : undefined;
}

/** As Latin-1 text; empty if there is no such file. */
function firstBytes(file: string): string {
  try {
    if (!statSync(file).isFile()) return "";
    const descriptor = openSync(file, "r");
    try {
      const bytes = Buffer.alloc(8);
      return bytes.toString("latin1", 0, readSync(descriptor, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return "";
  }
}
