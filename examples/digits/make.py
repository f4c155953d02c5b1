"""Trains the two runs of this folder again, from their own data and initial weights.

    python3 make.py [OUT]        (PyTorch; Debian: python3-torch)

For each run it reads train.npz, step_00000.pt and run.json, follows full-batch gradient descent on ½Σ(f − y)²/n with the learning rate
written there, and saves step_*.pt and step_*.onnx into OUT/RUN (default: ./again). It prints how far each checkpoint lies from the
one in this folder. Which digits were drawn and how the first weights were seeded was not recorded: those two are inputs here, not made.
Without PyTorch's ONNX exporter at hand only the .pt files are written.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).resolve().parent


def network():
    """64-100-10 with tanh: 7,510 parameters, named 0.weight, 0.bias, 2.weight, 2.bias."""
    return torch.nn.Sequential(torch.nn.Linear(64, 100), torch.nn.Tanh(), torch.nn.Linear(100, 10))


def save(model, stem):
    torch.save(model.state_dict(), f"{stem}.pt")
    try:
        torch.onnx.export(model, torch.zeros(1, 64), f"{stem}.onnx", input_names=["input"], output_names=["logits"],
                          dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}})
    except Exception as error:  # an exporter that is not installed must not stop the training
        print(f"  {stem}.onnx not written: {error}")


def distance(model, file):
    """Largest difference of any parameter from the checkpoint in this folder."""
    shipped = torch.load(file)
    return max((value - shipped[name]).abs().max().item() for name, value in model.state_dict().items())


def train(run, out):
    facts = json.loads((HERE / run / "run.json").read_text())
    data = np.load(HERE / run / "train.npz")
    x = torch.from_numpy(data["x"])
    y = torch.nn.functional.one_hot(torch.from_numpy(data["y"]), 10).float()
    model = network()
    model.load_state_dict(torch.load(HERE / run / "step_00000.pt"))
    steps = [checkpoint["step"] for checkpoint in facts["checkpoints"]]
    descent = torch.optim.SGD(model.parameters(), lr=facts["lr"])
    out.mkdir(parents=True, exist_ok=True)
    for step in range(steps[-1] + 1):
        if step in steps:
            name = f"step_{step:05d}"
            save(model, out / name)
            print(f"{run} {name}: largest difference {distance(model, HERE / run / (name + '.pt')):.1e}")
        descent.zero_grad()
        loss = 0.5 * ((model(x) - y) ** 2).sum() / len(x)
        loss.backward()
        descent.step()


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "again"
    for name in ("clean", "noisy50"):
        train(name, target / name)
