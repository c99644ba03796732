import type { NamedBudget } from "@ferret-ocl/planner";

/** What one row of the paper's tables learns, and how. */
export interface SuiteSetting {
  /** As the paper's tables call it, data and model. */
  readonly name: string;
  /** A name that `loadDataset` knows. */
  readonly dataset: string;
  /** A built-in model. */
  readonly model: string;
  /** A name of `orderNames`. */
  readonly order: string;
  /** Samples of an item. */
  readonly batch: number;
  readonly learningRate: number;
  /** How many times faster items come than one sequential learner takes them. */
  readonly pressure: number;
  /** Memory budgets of Ferret: M-, M and M+. */
  readonly budgets: readonly NamedBudget[];
  /** Where it is from; what is not the paper's, as far as that can be read, is ours. */
  readonly source: "paper" | "stand-in";
}

/** Models whose passes take so long that the quick suite shows less of them. */
const heavyModels = ["convnet", "resnet18", "mobilenet"];

export const isHeavy = ({ model }: Pick<SuiteSetting, "model">): boolean =>
  heavyModels.includes(model);

/**
 * What all settings share. The paper's main text gives none of these but the budgets, and its appendix cannot
 * be had, so batch, learning rate and pressure are ours.
 */
const shared = {
  batch: 16,
  learningRate: 0.05,
  pressure: 8,
  budgets: ["min", "2bw", "none"],
  source: "paper",
} as const satisfies Partial<SuiteSetting>;

function setting(name: string, dataset: string, model: string, order: string): SuiteSetting {
  return { name, dataset, model, order, ...shared };
}

/**
 * The twenty settings of the paper (arXiv 2503.12053, tables 1 and 2), one row each. Ours in it: EMNIST is its
 * balanced version; CORe50 is the scenario NC, in the order of its file lists; CLEAR comes in the order of
 * its time buckets; images of CORe50 are 32 x 32 and of CLEAR 64 x 64 pixels.
 */
export const paperSettings: readonly SuiteSetting[] = [
  setting("MNIST/MNISTNet", "mnist", "mnistnet", "iid"),
  setting("FMNIST/MNISTNet", "fashion-mnist", "mnistnet", "iid"),
  setting("EMNIST/MNISTNet", "emnist-balanced", "mnistnet", "iid"),
  setting("CIFAR10/ConvNet", "cifar10", "convnet", "iid"),
  setting("CIFAR100/ConvNet", "cifar100", "convnet", "iid"),
  setting("SVHN/ConvNet", "svhn", "convnet", "iid"),
  setting("Tiny-ImageNet/ConvNet", "tiny-imagenet", "convnet", "iid"),
  setting("CORe50/ConvNet", "core50-nc", "convnet", "given"),
  setting("CORe50-iid/ConvNet", "core50-nc", "convnet", "iid"),
  setting("Split-MNIST/MNISTNet", "mnist", "mnistnet", "split"),
  setting("Split-FMNIST/MNISTNet", "fashion-mnist", "mnistnet", "split"),
  setting("Split-CIFAR10/ConvNet", "cifar10", "convnet", "split"),
  setting("Split-CIFAR100/ConvNet", "cifar100", "convnet", "split"),
  setting("Split-SVHN/ConvNet", "svhn", "convnet", "split"),
  setting("Split-Tiny-ImageNet/ConvNet", "tiny-imagenet", "convnet", "split"),
  setting("CLEAR10/ResNet", "clear10", "resnet18", "given"),
  setting("CLEAR10/MobileNet", "clear10", "mobilenet", "given"),
  setting("CLEAR100/ResNet", "clear100", "resnet18", "given"),
  setting("CLEAR100/MobileNet", "clear100", "mobilenet", "given"),
  setting("Covertype/MLP", "covertype", "mlp", "iid"),
];

/** What stands in for them where there are no files at all: digits that the program draws. */
export const standIns: readonly SuiteSetting[] = [
  { ...setting("glyphs/MNISTNet", "glyphs", "mnistnet", "iid"), source: "stand-in" },
  { ...setting("Split-glyphs/MNISTNet", "glyphs", "mnistnet", "split"), source: "stand-in" },
  { ...setting("Rotating-glyphs/MNISTNet", "glyphs", "mnistnet", "rotating"), source: "stand-in" },
];
