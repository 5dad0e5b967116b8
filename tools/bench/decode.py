"""The PyTorch contender of decode.ts: same weights, ids and threads, eager, with a cache. Usage: decode.py <folder> <threads>."""
import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

folder, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
spec = json.load(open(f"{folder}/spec.json"))
D, L, H, G, V = (spec[name] for name in "DLHGV")
K = D // H

flat = np.fromfile(f"{folder}/weights.f32", dtype=np.float32)
matrices, at = [], 0
for rows, columns in spec["shapes"]:
    matrices.append(torch.from_numpy(flat[at : at + rows * columns]).view(rows, columns))
    at += rows * columns
embed = matrices[0]
linear = lambda matrix: matrix.T.contiguous()  # [out, in], as torch.nn.Linear holds it
names = ("q", "k", "v", "o", "w1", "w2", "w3")
layers = [{name: linear(matrices[1 + 7 * l + i]) for i, name in enumerate(names)} for l in range(L)]
del matrices, flat
gain = torch.ones(D)

angles = torch.outer(torch.arange(spec["maxLen"]).double(), spec["theta"] ** (-torch.arange(K // 2).double() / (K // 2)))
cos = torch.cat([angles.cos()] * 2, -1).float()
sin = torch.cat([angles.sin()] * 2, -1).float()


def rotate(x, c, s):
    first, second = x.chunk(2, -1)
    return x * c + torch.cat([-second, first], -1) * s


cache = [None] * L


def forward(ids, start):
    T = len(ids)
    x = embed[torch.tensor(ids)]  # [T, D]
    c, s = cos[start : start + T], sin[start : start + T]
    for l, w in enumerate(layers):
        y = F.rms_norm(x, (D,), gain, spec["eps"])
        q = rotate(F.linear(y, w["q"]).view(T, H, K).transpose(0, 1), c, s)  # [H, T, K]
        k = rotate(F.linear(y, w["k"]).view(T, G, K).transpose(0, 1), c, s)
        v = F.linear(y, w["v"]).view(T, G, K).transpose(0, 1)
        if cache[l] is not None:
            k, v = torch.cat([cache[l][0], k], 1), torch.cat([cache[l][1], v], 1)
        cache[l] = (k, v)
        mixed = F.scaled_dot_product_attention(q[None], k[None], v[None], is_causal=T > 1, enable_gqa=True)
        x = x + F.linear(mixed[0].transpose(0, 1).reshape(T, D), w["o"])
        y = F.rms_norm(x, (D,), gain, spec["eps"])
        x = x + F.linear(F.silu(F.linear(y, w["w1"])) * F.linear(y, w["w3"]), w["w2"])
    return F.linear(F.rms_norm(x[-1:], (D,), gain, spec["eps"]), embed)[0]


length = 0
print(json.dumps({"ready": f"PyTorch {torch.__version__} eager, {threads} threads"}), flush=True)
with torch.inference_mode():
    for line in sys.stdin:
        question = json.loads(line)
        ids = question["ids"]
        logits = []
        started, busy = time.perf_counter(), time.process_time()
        for part in [ids] if question["together"] else [[one] for one in ids]:
            values = forward(part, length).numpy()
            length += len(part)
            logits += [float(values[i]) for i in (0, 1000, V - 1)]
        wall, cpu = time.perf_counter() - started, time.process_time() - busy
        print(json.dumps({"logits": logits, "ms": wall * 1000, "cpuMs": cpu * 1000}), flush=True)
