"""The peer of bench/gram.mjs and bench/products.mjs: Gram matrices JJᵀ by functorch's vmap(jacrev), as a PyTorch user writes them: Jacobians of chunks of samples,
products of the chunks on and above the diagonal. Reads one command a line, answers one JSON line each.
  export FOLDER     writes NAME.onnx and NAME.npz of every case and answers with their sizes
  gram NAME         seconds of one Gram matrix
  loop NAME         seconds of one sample at a time, timed on a few samples and scaled
  compare NAME FILE relative Frobenius distance to a .npy
  batch NAME N FILE writes a batch of N samples (the case's own, repeated) as .npz and keeps it for `gradient`
  threads N         how many threads PyTorch takes from now on
  gradient NAME     seconds, and seconds of processor time, of the gradient of ½‖f‖² of that batch with respect to all parameters
  keep NAME FILE    writes that gradient as .npz, an array for each parameter"""
import json, math, os, sys, time
import numpy as np, torch
import torch.nn as nn, torch.nn.functional as F
from functorch import make_functional, vmap, jacrev

torch.manual_seed(0)
torch.set_num_threads(2)

class Block(nn.Module):
    def __init__(self, a, b, stride):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.Conv2d(b, b, 3, 1, 1, bias=False)
        self.bn1, self.bn2 = Affine(b), Affine(b)
        self.pad, self.stride = (b - a) // 2, stride
    def forward(self, x):
        h = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        s = x if self.stride == 1 else F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.pad, self.pad))
        return F.relu(h + s)

class Affine(nn.Module):
    """BatchNorm in evaluation mode with statistics 0 and 1: scale and shift are parameters."""
    def __init__(self, c):
        super().__init__(); self.weight = nn.Parameter(1 + 0.1 * torch.randn(c)); self.bias = nn.Parameter(0.1 * torch.randn(c))
    def forward(self, x): return x * self.weight.view(-1, 1, 1) + self.bias.view(-1, 1, 1)

class ResNet20(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False); self.bn1 = Affine(16)
        widths = [16] * 3 + [32] * 3 + [64] * 3; blocks, a = [], 16
        for i, b in enumerate(widths): blocks.append(Block(a, b, 2 if b != a else 1)); a = b
        self.blocks = nn.Sequential(*blocks); self.linear = nn.Linear(64, 10)
    def forward(self, x): return self.linear(self.blocks(F.relu(self.bn1(self.conv1(x)))).mean((2, 3)))

CASES = {
    "mlp": (lambda: nn.Sequential(nn.Linear(64, 512), nn.GELU(), nn.Linear(512, 512), nn.GELU(), nn.Linear(512, 10)), (64,), 300, 10),
    "resnet20": (ResNet20, (3, 32, 32), 32, 8),
    "cnn": (lambda: nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 10)), (1, 8, 8), 128, 32),
}
made = {name: (make().eval(), torch.randn(n, *shape), chunk) for name, (make, shape, n, chunk) in CASES.items()}

def export(folder):
    sizes = {}
    for name, (model, x, _) in made.items():
        torch.onnx.export(model, x[:2], os.path.join(folder, name + ".onnx"), opset_version=16, input_names=["x"], output_names=["f"], dynamic_axes={"x": {0: "n"}, "f": {0: "n"}}, do_constant_folding=False)
        np.savez(os.path.join(folder, name + ".npz"), x=x.numpy(), y=np.arange(len(x)) % 10)
        sizes[name] = {"samples": len(x), "parameters": sum(p.numel() for p in model.parameters())}
    return sizes

def rows(functional, params, x):
    jacobian = vmap(jacrev(lambda p, xi: functional(p, xi.unsqueeze(0)).squeeze(0)), (None, 0))(params, x)
    return torch.cat([j.flatten(2) for j in jacobian], 2).flatten(0, 1)

def gram(name):
    model, x, chunk = made[name]
    functional, params = make_functional(model)
    parts = [rows(functional, params, c).detach() for c in x.split(chunk)]
    size = sum(len(p) for p in parts); g = torch.empty(size, size); at = np.cumsum([0] + [len(p) for p in parts])
    for i, a in enumerate(parts):
        for j in range(i, len(parts)):
            tile = a @ parts[j].T
            g[at[i]:at[i + 1], at[j]:at[j + 1]] = tile
            if j > i: g[at[j]:at[j + 1], at[i]:at[i + 1]] = tile.T
    return g

def loop(name, count=4):
    model, x, _ = made[name]
    start = time.perf_counter()
    for xi in x[:count]:
        f = model(xi.unsqueeze(0))[0]
        torch.stack([torch.cat([g.flatten() for g in torch.autograd.grad(f[k], list(model.parameters()), retain_graph=True)]) for k in range(len(f))])
    return (time.perf_counter() - start) / count * len(x)

batches = {}

def batch(name, count, file):
    x = made[name][1]
    batches[name] = x.repeat(-(-count // len(x)), *[1] * (x.dim() - 1))[:count].contiguous()
    np.savez(file, x=batches[name].numpy(), y=np.arange(count) % 10)

def gradient(name):
    model = made[name][0]
    return torch.autograd.grad(0.5 * model(batches[name]).pow(2).sum(), list(model.parameters()))

def keep(name, file):
    names = [n for n, _ in made[name][0].named_parameters()]
    np.savez(file, **{n: g.numpy() for n, g in zip(names, gradient(name))})

print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
for line in sys.stdin:
    command, *args = line.split()
    if command == "export": reply = export(args[0])
    elif command == "gram":
        start = time.perf_counter(); gram(args[0]); reply = {"seconds": time.perf_counter() - start}
    elif command == "gradient":
        start, used = time.perf_counter(), time.process_time(); gradient(args[0])
        reply = {"seconds": time.perf_counter() - start, "processor": time.process_time() - used}
    elif command == "threads": torch.set_num_threads(int(args[0])); reply = {}
    elif command == "batch": batch(args[0], int(args[1]), args[2]); reply = {}
    elif command == "keep": keep(*args); reply = {}
    elif command == "loop": reply = {"seconds": loop(args[0])}
    elif command == "compare":
        a, b = np.load(args[1]), gram(args[0]).double().numpy(); reply = {"distance": float(np.linalg.norm(a - b) / np.linalg.norm(b))}
    print(json.dumps(reply), flush=True)
