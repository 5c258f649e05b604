"""Writes nets of Keras with random weights to the folder given, for keras_test.go:
NAME.keras, and NAME.npz with an input x and the output y. Images and signals are
transposed to have the channels first."""

import sys

import keras
import numpy as np
from keras import layers

nets = {
    "dense": ([layers.Dense(7, activation="tanh", name="fc1"), layers.LayerNormalization(name="norm"), layers.Dense(3, name="fc2")], (4, 5)),
    "conv": (
        [
            layers.Conv2D(4, 3, name="conv1"),
            layers.BatchNormalization(name="norm"),
            layers.DepthwiseConv2D(3, depth_multiplier=2, name="conv2"),
            layers.Conv2DTranspose(3, 2, strides=2, name="conv3"),
        ],
        (2, 7, 6, 2),
    ),
    "conv1d": ([layers.Conv1D(4, 3, name="conv1"), layers.Conv1DTranspose(3, 3, strides=2, name="conv2")], (2, 9, 2)),
    "lstm": ([layers.LSTM(6, return_sequences=True, name="lstm")], (3, 4, 5)),
    "both": ([layers.Bidirectional(layers.LSTM(6, return_sequences=True), name="both")], (3, 4, 5)),
    "gru": ([layers.GRU(6, return_sequences=True, name="gru")], (3, 4, 5)),
    "rnn": ([layers.SimpleRNN(6, return_sequences=True, name="rnn")], (3, 4, 5)),
}

random = np.random.default_rng(1)
for name, (stack, shape) in nets.items():
    net = keras.Sequential([keras.Input(shape[1:]), *stack])
    for v in net.weights:
        value = 0.5 * random.standard_normal(v.shape)
        v.assign(np.abs(value) + 0.5 if v.path.endswith("variance") else value)
    x = random.standard_normal(shape).astype("float32")
    y = keras.ops.convert_to_numpy(net(x, training=False))
    net.save(f"{sys.argv[1]}/{name}.keras")
    if name.startswith("conv"):
        x, y = np.moveaxis(x, -1, 1), np.moveaxis(y, -1, 1)
    np.savez(f"{sys.argv[1]}/{name}.npz", x=np.ascontiguousarray(x), y=np.ascontiguousarray(y))
