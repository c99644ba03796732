"""Writes keras/*: LayersModels with the topology and the names of weights that Keras 3 has.

Made with keras 3.15.1 and tensorflow-cpu 2.21.0; what keras-files.test.ts reads.
"""

import json
from pathlib import Path

import keras
import numpy as np
from keras import layers as L


def sequential():
    return keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            L.ZeroPadding2D(1),
            L.Conv2D(3, 3, activation="relu", kernel_initializer="he_normal"),
            L.DepthwiseConv2D(3, bias_initializer=keras.initializers.Constant(0.1)),
            L.BatchNormalization(momentum=0.9),
            L.ReLU(6.0),
            L.MaxPooling2D(2),
            L.Flatten(),
            L.Dense(4, kernel_initializer="lecun_normal"),
        ]
    )


def functional():
    start = keras.Input((6, 6, 2))
    x = L.Conv2D(2, 3, padding="same", use_bias=False, trainable=False)(start)
    x = L.BatchNormalization()(x)
    x = L.Activation("relu")(x)
    x = L.Add()([L.Conv2D(2, 1, kernel_initializer="orthogonal")(x), start])
    x = L.ReLU()(x)
    x = L.AveragePooling2D(2, padding="same")(x)
    x = L.GlobalAveragePooling2D()(x)
    return keras.Model(start, L.Dense(3)(x))


def write(name, model):
    random = np.random.default_rng(5)
    for weight in model.weights:
        drawn = random.normal(0, 0.5, weight.shape)
        is_variance = weight.path.endswith("moving_variance")
        weight.assign(np.abs(drawn) + 0.3 if is_variance else drawn)
    x = random.normal(0, 1, (2, 6, 6, 2)).astype(np.float32)
    folder = Path(__file__).parent / "keras" / name
    folder.mkdir(parents=True, exist_ok=True)
    weights = [
        {"name": w.path, "shape": list(w.shape), "dtype": "float32"} for w in model.weights
    ]
    (folder / "group1-shard1of1.bin").write_bytes(
        b"".join(np.ascontiguousarray(w.numpy(), "<f4").tobytes() for w in model.weights)
    )
    content = {
        "format": "layers-model",
        "generatedBy": f"keras v{keras.__version__}",
        "modelTopology": {
            "keras_version": keras.__version__,
            "backend": "tensorflow",
            "model_config": json.loads(model.to_json()),
        },
        "weightsManifest": [{"paths": ["group1-shard1of1.bin"], "weights": weights}],
    }
    (folder / "model.json").write_text(json.dumps(content) + "\n")
    logits = model(x, training=False).numpy()
    expected = {"input": x.ravel().tolist(), "logits": logits.ravel().tolist()}
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


write("sequential", sequential())
write("functional", functional())
