import { InputError } from "../errors.js";
import { byteImageData } from "./byte-images.js";
import { type CifarLayout, readCifar } from "./cifar.js";
import type { Dataset, PixelStatistics } from "./contract.js";
import { coverTypes, readCovertype } from "./covertype.js";
import { type EmnistVersion, emnistVersions, readEmnist } from "./emnist.js";
import { readIdx } from "./idx.js";
import { imagesDataset } from "./images-dataset.js";
import type { Source, SourceFile } from "./source.js";
import { readSvhn } from "./svhn.js";
import { tableDataset } from "./table-data.js";
import { readWeather } from "./weather.js";

type Four = readonly [string, string, string, string];

/** Bytes of MNIST's four files unpacked, and so of the data sets in its shape. */
const idxBytes = [47_040_016, 60_008, 7_840_016, 10_008] as const;

/**
 * The four files of MNIST and of the data sets in its shape, with their published md5 sums.
 * @param blobs names of the unpacked files as blobs of git.
 */
function idxFiles(address: string, checksums: Four, blobs?: Four) {
  const names = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"];
  return names.map((name, index): SourceFile => {
    const file = `${name}-ubyte.gz`;
    return {
      name: file,
      pattern: new RegExp(`^${name.replace(/-(idx\d)$/, "[-.]$1")}-ubyte(\\.gz)?$`),
      remote: {
        url: address + file,
        checksum: { algorithm: "md5", value: checksums[index] as string },
      },
      ...(blobs
        ? { content: { bytes: idxBytes[index] as number, id: blobs[index] as string } }
        : {}),
    };
  });
}

function idxReader(name: string, statistics: PixelStatistics, classNames: readonly string[]) {
  return async (paths: readonly string[][]): Promise<Dataset> => {
    const [trainImages, trainLabels, testImages, testLabels] = paths.map(
      ([path]) => path as string,
    );
    const classes = classNames.length;
    const train = await readIdx(trainImages as string, trainLabels as string, classes);
    const test = await readIdx(testImages as string, testLabels as string, classes);
    if (String(train.inputShape) !== String(test.inputShape))
      throw new InputError(
        `Expected test images of ${train.inputShape.join(" x ")} in ${testImages} as in ` +
          `${trainImages} but found ${test.inputShape.join(" x ")}; take all files from one data set`,
      );
    return {
      name,
      train: byteImageData(train, statistics),
      test: byteImageData(test, statistics),
      classNames,
    };
  };
}

function cifarReader(
  name: string,
  layout: CifarLayout,
  statistics: PixelStatistics,
  classNames?: readonly string[],
) {
  return async ([trainFiles, testFiles]: readonly string[][]): Promise<Dataset> => ({
    name,
    train: byteImageData(await readCifar(trainFiles ?? [], layout), statistics),
    test: byteImageData(await readCifar(testFiles ?? [], layout), statistics),
    ...(classNames ? { classNames } : {}),
  });
}

function emnistSource(version: EmnistVersion): Source {
  const { name, classNames, samples } = version;
  const parts = ["train-images-idx3", "train-labels-idx1", "test-images-idx3", "test-labels-idx1"];
  return {
    name: `emnist-${name}`,
    folders: ["emnist", "EMNIST", "EMNIST/raw"],
    files: parts.map((part) => ({
      name: `emnist-${name}-${part}-ubyte.gz`,
      pattern: new RegExp(`^emnist-${name}-${part}-ubyte(\\.gz)?$`),
    })),
    samples,
    page: "https://www.nist.gov/itl/products-and-services/emnist-dataset",
    async read(paths, { cacheDir }) {
      const [trainImages = "", trainLabels = "", testImages = "", testLabels = ""] = paths.flat();
      return imagesDataset(`emnist-${name}`, {
        train: await readEmnist(trainImages, trainLabels, version, cacheDir),
        test: await readEmnist(testImages, testLabels, version, cacheDir),
        classes: classNames.length,
        classNames,
        place: testImages,
      });
    },
  };
}

/** A file of SVHN's cropped digits. */
function svhnFile(split: "train" | "test", checksum: string): SourceFile {
  return {
    name: `${split}_32x32.mat`,
    pattern: new RegExp(`^${split}_32x32\\.mat$`),
    remote: {
      url: `http://ufldl.stanford.edu/housenumbers/${split}_32x32.mat`,
      checksum: { algorithm: "md5", value: checksum },
    },
  };
}

const digits = Array.from({ length: 10 }, (_, digit) => String(digit));
const clothes = "T-shirt/top,trouser,pullover,dress,coat,sandal,shirt,sneaker,bag,ankle boot".split(
  ",",
);
const things = "airplane,automobile,bird,cat,deer,dog,frog,horse,ship,truck".split(",");

const toronto = "https://www.cs.toronto.edu/~kriz";
const drift =
  "https://raw.githubusercontent.com/vlosing/driftDatasets/" +
  "01d08dec716870a36ea793e26e7e896ba921fe5d/realWorld/weather";

/** The data sets that are read from files; means and deviations are the published ones. */
export const sources: readonly Source[] = [
  {
    name: "mnist",
    folders: ["mnist", "MNIST", "MNIST/raw"],
    // The authors' own server asks for a password; this is the mirror that torchvision uses.
    files: idxFiles(
      "https://ossci-datasets.s3.amazonaws.com/mnist/",
      [
        "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "d53e105ee54ea40749a09fcbcd1e9432",
        "9fb629c4189551a2d022fa330f9573f3",
        "ec29112dd5afa0611ce80d1b7f02629c",
      ],
      [
        "bbce27659e0fc2b7ed2a64c127849380a477099b",
        "d6b4c5db3b52063d543fb397aede09aba0dc5234",
        "1170b2cae98de7a524b163fcc379ac8f00925b12",
        "d1c3a970612bbd2df47a3c0697f82bd394abc450",
      ],
    ),
    samples: [60_000, 10_000],
    read: idxReader("mnist", { mean: [0.1307], deviation: [0.3081] }, digits),
  },
  {
    name: "fashion-mnist",
    folders: ["fashion-mnist", "FashionMNIST", "FashionMNIST/raw"],
    files: idxFiles(
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
      [
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "25c81989df183df01b3e8a0aad5dffbe",
        "bef4ecab320f06d8554ea6380940ec79",
        "bb300cfdad3c16e7a12a480ee83cd310",
      ],
      // Of the labels computed; of the images as a public repository has them beside those very .gz.
      [
        "ff2f5a96367a3c1656f09c93649f07143ff8b11e",
        "30424ca2ea876655f5bba14f9f07132769687975",
        "37bac79bc6f002d965f363e0b20514904504a4d9",
        "2195a4d0957e013db98d03e51697e2315816cce2",
      ],
    ),
    samples: [60_000, 10_000],
    read: idxReader("fashion-mnist", { mean: [0.286], deviation: [0.353] }, clothes),
  },
  {
    name: "cifar10",
    folders: ["cifar-10-batches-bin", "cifar10"],
    files: [
      {
        name: "data_batch_1.bin to data_batch_5.bin",
        pattern: /^data_batch_\d+\.bin$/,
        many: true,
      },
      { name: "test_batch.bin", pattern: /^test_batch\.bin$/ },
    ],
    samples: [50_000, 10_000],
    archive: {
      url: `${toronto}/cifar-10-binary.tar.gz`,
      checksum: { algorithm: "md5", value: "c32a1d4ab5d03f1284b67883e8d87530" },
    },
    read: cifarReader(
      "cifar10",
      { labelBytes: 1, classes: 10 },
      { mean: [0.4914, 0.4822, 0.4465], deviation: [0.247, 0.2435, 0.2616] },
      things,
    ),
  },
  {
    name: "cifar100",
    folders: ["cifar-100-binary", "cifar100"],
    files: [
      { name: "train.bin", pattern: /^train\.bin$/ },
      { name: "test.bin", pattern: /^test\.bin$/ },
    ],
    samples: [50_000, 10_000],
    archive: {
      url: `${toronto}/cifar-100-binary.tar.gz`,
      checksum: { algorithm: "md5", value: "03b5dce01913d631647c71ecec9e9cb8" },
    },
    read: cifarReader(
      "cifar100",
      { labelBytes: 2, classes: 100 },
      { mean: [0.5071, 0.4865, 0.4409], deviation: [0.2673, 0.2564, 0.2762] },
    ),
  },
  ...emnistVersions.map(emnistSource),
  {
    name: "svhn",
    folders: ["svhn", "SVHN"],
    files: [
      svhnFile("train", "e26dedcc434d2e4c54c9b2d4a06d8373"),
      svhnFile("test", "eb5a983be6a315427106f1b164d9cef3"),
    ],
    samples: [73_257, 26_032],
    async read(paths, { cacheDir }) {
      const [train = "", test = ""] = paths.flat();
      return imagesDataset("svhn", {
        train: await readSvhn(train, cacheDir),
        test: await readSvhn(test, cacheDir),
        classes: digits.length,
        classNames: digits,
        place: test,
      });
    },
  },
  {
    name: "covertype",
    folders: ["covertype", "covtype"],
    samples: 581_012,
    files: [
      {
        name: "covtype.data.gz",
        pattern: /^covtype.*\.data(\.gz)?$/,
        remote: {
          url: "https://archive.ics.uci.edu/ml/machine-learning-databases/covtype/covtype.data.gz",
          checksum: {
            algorithm: "sha256",
            value: "614360d0257557dd1792834a85a1cdebfadc3c4f30b011d56afee7ffb5b15771",
          },
        },
      },
    ],
    read: async ([paths], split) => {
      const of = new Map(coverTypes.map((_, type) => [String(type + 1), type]));
      const classes = { names: coverTypes, of };
      return tableDataset("covertype", classes, split, await readCovertype(paths?.[0] as string));
    },
  },
  {
    name: "weather",
    folders: ["weather"],
    samples: 18_159,
    files: [
      {
        name: "NEweather_data.csv",
        pattern: /^NEweather_data\.csv(\.gz)?$/,
        remote: {
          url: `${drift}/NEweather_data.csv`,
          checksum: {
            algorithm: "sha256",
            value: "e38ef95890ec0df3daee0493e92e59c38ae1c27cd01c4805367f189d52dfeed9",
          },
        },
      },
      {
        name: "NEweather_class.csv",
        pattern: /^NEweather_class\.csv(\.gz)?$/,
        remote: {
          url: `${drift}/NEweather_class.csv`,
          checksum: {
            algorithm: "sha256",
            value: "90f39b754a9c95fc34047beb41752ebeb6fa1cde4e2d03fad3d3c5a46aee360f",
          },
        },
      },
    ],
    read: async ([features, labels], split) => {
      const classes = {
        names: ["no rain", "rain"],
        of: new Map([
          ["0", 0],
          ["1", 1],
        ]),
      };
      const table = await readWeather(features?.[0] as string, labels?.[0] as string);
      return tableDataset("weather", classes, split, table);
    },
  },
];

/** Data sets in MNIST's shape and under its file names that are known, but not read. */
export const lookalikes: readonly Pick<Source, "name" | "files">[] = [
  {
    name: "kmnist",
    files: idxFiles("http://codh.rois.ac.jp/kmnist/dataset/kmnist/", [
      "bdb82020997e1d708af4cf47b453dcf7",
      "e144d726b3acfaa3e44228e80efcd344",
      "5c965bf0a639b31b8f53240b1b52f4d7",
      "7320c461ea6c1c855c0b718fb2a4b134",
    ]),
  },
];
