"""PyTorch's side: the model behind FastAPI and uvicorn. POST /predict answers labels and probabilities;
POST /learn?y=... predicts, then makes one step of SGD. Bodies are raw float32, or JSON as ours has it. One
process, as many threads of PyTorch as asked for. Prints a line of JSON when it listens."""

import json
import runpy
import socket
import sys

import numpy
import torch
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import Response
from torch.nn import functional

models_path, name, threads, shape, learning_rate = sys.argv[1:]
torch.set_num_threads(int(threads))
torch.manual_seed(0)
shape = [int(size) for size in shape.split(",")]
# Its main() does not run: it has another name here.
model = runpy.run_path(models_path)["MODELS"][name]().train()
optimizer = torch.optim.SGD(model.parameters(), lr=float(learning_rate))
app = FastAPI()


async def read(request):
    """Samples, channels first, and the labels that came with them."""
    if request.headers["content-type"].startswith("application/json"):
        entries = await request.json()
        x = numpy.array([entry["x"] for entry in entries], dtype=numpy.float32)
        labels = [entry.get("y") for entry in entries]
    else:
        x = numpy.frombuffer(await request.body(), dtype=numpy.float32).copy()
        labels = [int(label) for label in request.query_params.get("y", "").split(",") if label]
    return torch.from_numpy(x.reshape(-1, *shape)), labels


def answer(value):
    return Response(json.dumps(value), media_type="application/json")


@app.post("/predict")
async def predict(request: Request):
    x, _ = await read(request)
    with torch.inference_mode():
        probabilities = torch.softmax(model(x), 1)
        labels = probabilities.argmax(1).tolist()
    rows = zip(labels, probabilities.tolist())
    return answer([{"label": label, "probabilities": row} for label, row in rows])


@app.post("/learn")
async def learn(request: Request):
    x, labels = await read(request)
    y = torch.tensor(labels)
    with torch.inference_mode():
        model(x).argmax(1)
    optimizer.zero_grad(set_to_none=True)
    functional.cross_entropy(model(x), y).backward()
    optimizer.step()
    return answer({"learned": len(labels)})


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
port = listener.getsockname()[1]
print(json.dumps({"url": f"http://127.0.0.1:{port}", "torch": torch.__version__}), flush=True)
uvicorn.run(app, fd=listener.fileno(), log_level="error", access_log=False)
