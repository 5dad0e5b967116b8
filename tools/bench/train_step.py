"""The PyTorch contenders of train-step.ts: same weights, data, protocol and threads. Usage: train_step.py <folder> <threads> [sdpa].

`sdpa` takes PyTorch's own rms_norm and scaled_dot_product_attention, as Hugging Face's LLaMA does by default; without it every step of both is an op.
"""
import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

folder, threads, sdpa = sys.argv[1], int(sys.argv[2]), "sdpa" in sys.argv[3:]
torch.set_num_threads(threads)
spec = json.load(open(f"{folder}/spec.json"))
V, D, L, H, G, T, B = (spec[name] for name in "VDLHGTB")
K = D // H

flat = torch.from_numpy(np.fromfile(f"{folder}/weights.f32", dtype=np.float32))
tokens = torch.from_numpy(np.fromfile(f"{folder}/tokens.i32", dtype=np.int32)).long().view(spec["batches"], B, T + 1)
w, at = {}, 0
for parameter in spec["parameters"]:
    shape = parameter["shape"]
    size = int(np.prod(shape))
    w[parameter["name"]] = flat[at : at + size].view(shape).clone().requires_grad_()
    at += size

angles = torch.arange(T)[:, None] / spec["ropeBase"] ** (torch.arange(K // 2) / (K // 2))
cos, sin = angles.cos(), angles.sin()
mask = torch.full((T, T), -1e9).triu(1)


def rms_norm(x, gain):
    if sdpa:
        return F.rms_norm(x, (D,), gain, spec["normEpsilon"])
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + spec["normEpsilon"]) * gain


def heads(x):
    return x.view(B, T, -1, K).transpose(1, 2)


def rotate(x):
    first, second = x.chunk(2, -1)
    return torch.cat([first * cos - second * sin, first * sin + second * cos], -1)


def attention(x, l):
    q, k, v = rotate(heads(x @ w[f"{l}.wQ"])), rotate(heads(x @ w[f"{l}.wK"])), heads(x @ w[f"{l}.wV"])
    if sdpa:
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=G < H)
    else:
        k, v = (x.repeat_interleave(H // G, 1) for x in (k, v))
        mixed = (q @ k.transpose(-1, -2) / K**0.5 + mask).softmax(-1) @ v
    return mixed.transpose(1, 2).reshape(B * T, D) @ w[f"{l}.wOut"]


def mlp(x, l):
    return (F.silu(x @ w[f"{l}.wGate"]) * (x @ w[f"{l}.wUp"])) @ w[f"{l}.wDown"]


def loss_of(batch):
    x = w["embedding"][batch[:, :-1].reshape(-1)]
    for l in range(L):
        x = x + attention(rms_norm(x, w[f"{l}.attentionNorm"]), l)
        x = x + mlp(rms_norm(x, w[f"{l}.mlpNorm"]), l)
    return F.cross_entropy(rms_norm(x, w["norm"]) @ w["embedding"].T, batch[:, 1:].reshape(-1))


adam = spec["adam"]
optimizer = torch.optim.Adam(w.values(), lr=adam["learningRate"], betas=(adam["beta1"], adam["beta2"]), eps=adam["epsilon"])
done = 0


def step():
    global done
    loss = loss_of(tokens[done % spec["batches"]])
    done += 1
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


print(json.dumps({"ready": f"PyTorch {torch.__version__} eager{', SDPA' if sdpa else ''}, {threads} threads"}), flush=True)
for line in sys.stdin:
    started, busy = time.perf_counter(), time.process_time()
    losses = [step() for _ in range(json.loads(line)["steps"])]
    print(json.dumps({"losses": losses, "ms": (time.perf_counter() - started) * 1000, "cpuMs": (time.process_time() - busy) * 1000}), flush=True)
