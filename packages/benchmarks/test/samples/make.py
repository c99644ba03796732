"""Makes the samples of this folder with the formats' own tools, and expected.json by reading them back.

    python3 -m venv venv && venv/bin/pip install numpy scipy pyarrow Pillow scikit-learn
    venv/bin/python make.py

What is checked in was made by the versions that expected.json names. Everything is drawn from one seed.
"""

import gzip
import io
import json
import pathlib
import shutil

import numpy
import PIL
import pyarrow
import pyarrow.parquet
import scipy
import scipy.io
import sklearn
import sklearn.datasets
from PIL import Image

here = pathlib.Path(__file__).parent
random = numpy.random.default_rng(20_250_611)
expected = {
    "versions": {
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
        "pyarrow": pyarrow.__version__,
        "Pillow": PIL.__version__,
        "scikit-learn": sklearn.__version__,
    }
}


def fresh(name):
    folder = here / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def bytes_of(shape):
    return random.integers(0, 256, shape, dtype=numpy.uint8)


def smooth(height, width, channels=3):
    """An image without sharp edges, on which decoders of JPEG agree closely."""
    small = bytes_of((2, 2, channels) if channels > 1 else (2, 2))
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def listed(array):
    return numpy.asarray(array).astype(int).tolist()


# SVHN: height x width x 3 x n, labels 1 .. 10, by SciPy, compressed and not, and labels as doubles.
folder = fresh("svhn")
for split, count, compressed in [("train", 5, True), ("test", 3, False)]:
    images = bytes_of((32, 32, 3, count))
    # Half of it even, so that the compressed file is small.
    images[:, 16:] = 7
    labels = numpy.array([[1 + (3 * place) % 10] for place in range(count)], dtype=numpy.uint8)
    labels[-1] = 10
    if split == "test":
        labels = labels.astype(numpy.float64)
    path = folder / f"{split}_32x32.mat"
    scipy.io.savemat(path, {"X": images, "y": labels}, do_compression=compressed)
    back = scipy.io.loadmat(path)
    expected[f"svhn/{split}"] = {
        "labels": listed(back["y"].ravel() % 10),
        # As n x height x width x channels; two rows of pixels of each are enough.
        "rows": {str(row): listed(back["X"].transpose(3, 0, 1, 2)[:, row]) for row in (0, 19)},
    }
folder = fresh("mat")
sizes = (2, 3, 2, 2)
arrays = {
    "u1": bytes_of(sizes),
    "i2": random.integers(-300, 300, sizes).astype(numpy.int16),
    "f4": random.standard_normal(sizes).astype(numpy.float32),
    "f8": random.standard_normal(sizes),
    "i8": random.integers(-(2**40), 2**40, sizes),
    "short": numpy.array([[1, 2, 3]], dtype=numpy.uint8),
    "text": "not a number",
    "complex": numpy.array([1 + 2j]),
    "cells": numpy.array([1, "a"], dtype=object),
}
for name, compressed in [("packed", True), ("plain", False)]:
    scipy.io.savemat(folder / f"{name}.mat", arrays, do_compression=compressed)
    back = scipy.io.loadmat(folder / f"{name}.mat")
    expected[f"mat/{name}"] = {
        key: {"dimensions": list(back[key].shape), "values": back[key].ravel(order="F").tolist()}
        for key in ("u1", "i2", "f4", "f8", "i8", "short")
    }

# EMNIST: IDX with images transposed and letters from 1, packed by Python's gzip.
folder = fresh("emnist")
for split, count in [("train", 6), ("test", 4)]:
    upright = bytes_of((count, 28, 28))
    upright[:, 14:] = 0
    labels = numpy.arange(count) * 5 % 26 + 1
    head = lambda *words: b"".join(int(word).to_bytes(4, "big") for word in words)
    stored = upright.transpose(0, 2, 1)
    for part, content in [
        ("images-idx3", head(0x0803, count, 28, 28) + stored.tobytes()),
        ("labels-idx1", head(0x0801, count) + labels.astype(numpy.uint8).tobytes()),
    ]:
        name = f"emnist-letters-{split}-{part}-ubyte.gz"
        (folder / name).write_bytes(gzip.compress(content, 9, mtime=0))
    expected[f"emnist/{split}"] = {
        "labels": listed(labels - 1),
        "rows": {str(row): listed(upright[:, row]) for row in (0, 13)},
    }


def pixels(path):
    return listed(numpy.asarray(Image.open(path).convert("RGB")))


# Tiny-ImageNet: JPEGs of 64 x 64, one of them grey, and the list of the validation images.
folder = fresh("tiny-imagenet-200")
classes = ["n02124075", "n01443537"]
(folder / "wnids.txt").write_text("".join(f"{name}\n" for name in classes))
images = {}
for name in classes:
    place = folder / "train" / name / "images"
    place.mkdir(parents=True)
    for number in range(2):
        path = place / f"{name}_{number}.JPEG"
        grey = name == "n01443537" and number == 1
        smooth(64, 64, 1 if grey else 3).save(path, quality=90)
        assert Image.open(path).mode == ("L" if grey else "RGB")
        images[str(path.relative_to(folder))] = numpy.asarray(Image.open(path).convert("RGB"))[::21, ::21]
place = folder / "val" / "images"
place.mkdir(parents=True)
lines = []
for number, name in enumerate([classes[0], classes[1], classes[0]]):
    path = place / f"val_{number}.JPEG"
    smooth(64, 64).save(path, quality=90)
    lines.append(f"{path.name}\t{name}\t0\t0\t62\t62\n")
    images[str(path.relative_to(folder))] = numpy.asarray(Image.open(path).convert("RGB"))[::21, ::21]
(folder / "val" / "val_annotations.txt").write_text("".join(lines))
expected["tiny-imagenet"] = {
    "classNames": sorted(classes),
    # In the order of the files' names, every 21st pixel of every 21st row; JPEG decoders differ a little.
    "images": {name: listed(values) for name, values in sorted(images.items())},
    "testLabels": [sorted(classes).index(line.split("\t")[1]) for line in lines],
}

# CORe50: PNGs of two sessions for training and one for the test, and file lists of run 0 of NC and NI.
folder = fresh("core50")
root = folder / "core50_128x128"
shades = {}
for session in (1, 2, 3):
    for thing in (1, 2, 3):
        place = root / f"s{session}" / f"o{thing}"
        place.mkdir(parents=True)
        for frame in range(2):
            name = f"s{session}/o{thing}/C_{session:02}_{thing:02}_{frame:03}.png"
            shade = [40 * session, 40 * thing, 100 * frame]
            Image.new("RGB", (128, 128), tuple(shade)).save(root / name, optimize=True)
            shades[name] = pixels(root / name)[0][0]


def files(session, thing):
    return [f"s{session}/o{thing}/C_{session:02}_{thing:02}_{frame:03}.png {thing - 1}" for frame in range(2)]


orders = {
    "NC": [files(2, 3) + files(1, 3), files(1, 1) + files(2, 1), files(1, 2) + files(2, 2)],
    "NI": [files(2, 1) + files(2, 2) + files(2, 3), files(1, 1) + files(1, 2) + files(1, 3)],
}
test = files(3, 1) + files(3, 2) + files(3, 3)
for scenario, batches in orders.items():
    place = folder / "batches_filelists" / f"{scenario}_inc" / "run0"
    place.mkdir(parents=True)
    for number, batch in enumerate(batches):
        (place / f"train_batch_{number:02}_filelist.txt").write_text("\n".join(batch) + "\n")
    (place / "test_filelist.txt").write_text("\n".join(test) + "\n")
expected["core50"] = {
    scenario: [[[shades[line.split()[0]], int(line.split()[1])] for line in batch] for batch in batches]
    for scenario, batches in [*orders.items(), ("test", [test])]
}

# CLEAR: JPEGs of all sizes by bucket and class.
folder = fresh("clear10")
shades = {}
for split, buckets in [("train_image_only", (2, 10, 1)), ("test", (1, 2))]:
    names = ["laptop", "BACKGROUND"]
    for bucket in buckets:
        for label, name in enumerate(names):
            place = folder / split / "labeled_images" / str(bucket) / name
            place.mkdir(parents=True)
            shade = [20 * bucket, 200 * label, 90 if split == "test" else 10]
            path = place / f"{1000 + bucket}.jpg"
            Image.new("RGB", (100 + 10 * bucket, 80), tuple(shade)).save(path, quality=95)
            shades[str(path.relative_to(folder))] = pixels(path)[0][0]
    (folder / split / "class_names.txt").write_text("\n".join(names))
expected["clear"] = {"classNames": names, "shades": shades}

# A folder of images, a folder a class: PNGs of all kinds.
folder = fresh("folder")
images = {}
for split in ("train", "val"):
    for name in ("cat", "dog"):
        place = folder / split / name
        place.mkdir(parents=True)
        for number, mode in enumerate(("RGB", "L", "P")):
            image = Image.fromarray(bytes_of((5, 7, 3))).convert(mode)
            path = place / f"{number}.png"
            image.save(path)
            images[str(path.relative_to(folder))] = pixels(path)
expected["folder"] = {"classNames": ["cat", "dog"], "images": dict(sorted(images.items()))}

# Parquet as the library `datasets` writes it: a struct of bytes and path, names in the metadata.
folder = fresh("parquet")


def encoded(array):
    stream = io.BytesIO()
    Image.fromarray(array).save(stream, "PNG")
    return stream.getvalue()


struct = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
features = {
    "image": {"_type": "Image"},
    "label": {"names": ["zebra", "ant", "cow"], "_type": "ClassLabel"},
}
note = {"huggingface": json.dumps({"info": {"features": features}})}
schema = pyarrow.schema([("image", struct), ("label", pyarrow.int64())], metadata=note)
rows = {"train": 5, "test": 2}
for split, shards in [("train", 2), ("test", 1)]:
    arrays = [bytes_of((4, 6, 3)) for _ in range(rows[split])]
    labels = [(place * 2 + 1) % 3 for place in range(rows[split])]
    for shard in range(shards):
        of = slice(3 * shard, 3 * shard + 3) if shards > 1 else slice(None)
        images = [{"bytes": encoded(array), "path": None} for array in arrays[of]]
        table = pyarrow.table({"image": images, "label": labels[of]}, schema=schema)
        pyarrow.parquet.write_table(table, folder / f"{split}-{shard:05}-of-{shards:05}.parquet")
    paths = sorted(folder.glob(f"{split}-*.parquet"))
    back = pyarrow.concat_tables([pyarrow.parquet.read_table(path) for path in paths]).to_pylist()
    expected[f"parquet/{split}"] = {
        "classNames": features["label"]["names"],
        "labels": [row["label"] for row in back],
        "images": [listed(Image.open(io.BytesIO(row["image"]["bytes"]))) for row in back],
    }
folder = fresh("parquet-words")
arrays = [bytes_of((3, 3)) for _ in range(12)]
words = [("tree", "bush", "moss")[place % 3] for place in range(12)]
table = pyarrow.table({"picture": [encoded(array) for array in arrays], "kind": words})
for codec in ("gzip", "brotli", "zstd", "none"):
    path = folder / f"{codec}.parquet"
    pyarrow.parquet.write_table(
        table, path, compression=codec, row_group_size=5, write_page_index=codec == "gzip", data_page_size=64
    )
back = pyarrow.parquet.read_table(path).to_pylist()
expected["parquet-words"] = {
    "words": [row["kind"] for row in back],
    "images": [listed(Image.open(io.BytesIO(row["picture"])).convert("RGB")) for row in back],
}

# .npz by NumPy: grey and in colour, channels last and first, packed and not, in either byte order.
folder = fresh("npz")
for name, keys, shape, dtype, save in [
    ("keras", ("x_train", "y_train", "x_test", "y_test"), (6, 5), "<i8", numpy.savez),
    ("medmnist", ("train_images", "train_labels", "test_images", "test_labels"), (4, 4, 3), ">i4", numpy.savez_compressed),
    ("planes", ("x_train", "y_train", "x_test", "y_test"), (3, 4, 5), "|u1", numpy.savez_compressed),
]:
    counts = (4, 2)
    arrays = {}
    for split in (0, 1):
        arrays[keys[2 * split]] = bytes_of((counts[split], *shape))
        labels = (numpy.arange(counts[split]) * 2 + split).astype(dtype)
        arrays[keys[2 * split + 1]] = labels[:, None] if name == "medmnist" else labels
    save(folder / f"{name}.npz", **arrays)
    back = numpy.load(folder / f"{name}.npz")
    for split, images, labels in [("train", *keys[:2]), ("test", *keys[2:])]:
        values = back[images]
        if name == "keras":
            values = values[..., None]
        if name == "planes":
            values = values.transpose(0, 2, 3, 1)
        expected[f"npz/{name}/{split}"] = {"labels": listed(back[labels].ravel()), "images": listed(values)}

# libsvm by scikit-learn, ARFF as SciPy reads it, and a table between spaces.
folder = fresh("tables")
values = numpy.round(random.standard_normal((20, 4)), 3)
values[values < -0.8] = 0
labels = numpy.arange(20) % 3
sklearn.datasets.dump_svmlight_file(values, labels - 1, str(folder / "sparse.libsvm"), zero_based=False)
back, back_labels = sklearn.datasets.load_svmlight_file(str(folder / "sparse.libsvm"))
expected["libsvm"] = {"values": back.toarray().tolist(), "labels": listed(back_labels)}
kinds = ["light rain", "sun", "it's fog"]
lines = [
    "% a comment",
    "@RELATION weather",
    "",
    "@attribute warmth NUMERIC",
    "@ATTRIBUTE 'sky colour' {blue, 'dark grey', white}",
    "@attribute wind real",
    '@attribute kind {"light rain", sun, "it\'s fog"}',
    "@DATA",
]
skies = ["blue", "dark grey", "white"]
for row in range(12):
    quoted = lambda word: word if word.isalpha() else f'"{word}"'
    lines.append(f"{row / 4},{quoted(skies[row % 3])}, {row - 5.5} ,{quoted(kinds[row // 2 % 3])}")
(folder / "weather.arff").write_text("\n".join(lines) + "\n")
data, meta = scipy.io.arff.loadarff(folder / "weather.arff")
expected["arff"] = {
    "names": meta.names(),
    "rows": [[row[0], row[1].decode(), row[2], row[3].decode()] for row in data.tolist()],
    "skies": list(meta["sky colour"][1]),
    "kinds": list(meta["kind"][1]),
}
numpy.savetxt(folder / "spaces.txt", numpy.column_stack([values, labels]), fmt="%8.3f")
expected["spaces"] = {"values": numpy.loadtxt(folder / "spaces.txt").tolist()}

text = json.dumps(expected, separators=(",", ":"))
(here / "expected.json").write_text(text + "\n")
total = sum(path.stat().st_size for path in here.rglob("*") if path.is_file())
print(f"{total} bytes in all")
