// Training and decoding ops of LLM Ladder for TensorFlow's CPU device, registered through TensorFlow's C API when Node loads this file as an addon.
// Each is one pass over memory where TensorFlow's own ops take a handful. Shapes are checked in TypeScript (src/fused); here only sizes.
#include <node_api.h>

#include <cstdio>
#include <vector>

#include "rows.h"
#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "threads.h"

namespace {

using ladder::Threads;

struct Settings {
  float epsilon = 0, scale = 1;
  unsigned char inverse = 0, interleaved = 0;
};

// One running op: its inputs and outputs as float pointers, released at the end.
class Call {
 public:
  explicit Call(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {}
  ~Call() {
    for (TF_Tensor* tensor : tensors_) TF_DeleteTensor(tensor);
    TF_DeleteStatus(status_);
  }

  const float* input(int index) { return static_cast<const float*>(data(index)); }
  float* inPlace(int index) { return static_cast<float*>(data(index)); }
  const int32_t* ids(int index) { return static_cast<const int32_t*>(data(index)); }
  long size(int index) { return static_cast<long>(TF_TensorElementCount(tensor(index))); }
  long dim(int index, int fromEnd) { return static_cast<long>(TF_Dim(tensor(index), TF_NumDims(tensor(index)) - fromEnd)); }

  // A new output with the shape of an input, or one row of it (`dropped` = 1 leaves out the last dim).
  float* output(int index, int like, int dropped = 0) {
    TF_Tensor* shape = tensor(like);
    std::vector<int64_t> dims;
    for (int i = 0; i < TF_NumDims(shape) - dropped; i++) dims.push_back(TF_Dim(shape, i));
    return output(index, dims.data(), static_cast<int>(dims.size()));
  }

  float* output(int index, const int64_t* dims, int rank) {
    int64_t elements = 1;
    for (int i = 0; i < rank; i++) elements *= dims[i];
    TF_Tensor* made = TF_AllocateOutput(context_, index, TF_FLOAT, dims, rank, elements * sizeof(float), status_);
    tensors_.push_back(made);
    return static_cast<float*>(TF_TensorData(made));
  }

  bool fits(bool condition, const char* rule) {
    if (condition) return true;
    TF_SetStatus(status_, TF_INVALID_ARGUMENT, rule);
    TF_OpKernelContext_Failure(context_, status_);
    return false;
  }

 private:
  TF_Tensor* tensor(int index) {
    while (static_cast<int>(inputs_.size()) <= index) {
      TF_Tensor* got = nullptr;
      TF_GetInput(context_, static_cast<int>(inputs_.size()), &got, status_);
      inputs_.push_back(got);
      tensors_.push_back(got);
    }
    return inputs_[index];
  }
  void* data(int index) { return TF_TensorData(tensor(index)); }

  TF_OpKernelContext* context_;
  TF_Status* status_;
  std::vector<TF_Tensor*> inputs_, tensors_;
};

void rmsNorm(Call& call, const Settings& settings) {
  const float *x = call.input(0), *gain = call.input(1);
  const long D = call.size(1), rows = call.size(0) / D;
  if (!call.fits(call.dim(0, 1) == D, "rmsNorm: expected x [.., D] and gain [D]")) return;
  float *y = call.output(0, 0), *rstd = call.output(1, 0, 1);
  Threads::get().split(rows, D, [&](long begin, long end, long) {
    ladder::rmsNorm(x + begin * D, gain, y + begin * D, rstd + begin, end - begin, D, settings.epsilon);
  });
}

void rmsNormGradient(Call& call, const Settings&) {
  const float *dy = call.input(0), *x = call.input(1), *gain = call.input(2), *rstd = call.input(3);
  const long D = call.size(2), rows = call.size(1) / D;
  if (!call.fits(call.size(0) == rows * D && call.size(3) == rows, "rmsNormGradient: expected dy and x [.., D], gain [D], rstd [..]")) return;
  float *dx = call.output(0, 1), *dGain = call.output(1, 2);
  std::vector<float> sums(Threads::get().most() * D, 0.0f);
  const long parts = Threads::get().split(rows, 2 * D, [&](long begin, long end, long part) {
    const long at = begin * D;
    ladder::rmsNormGradient(dy + at, x + at, gain, rstd + begin, dx + at, sums.data() + part * D, end - begin, D);
  });
  for (long i = 0; i < D; i++) {
    dGain[i] = 0;
    for (long part = 0; part < parts; part++) dGain[i] += sums[part * D + i];
  }
}

void swiGlu(Call& call, const Settings&) {
  const float *gate = call.input(0), *up = call.input(1);
  const long n = call.size(0);
  if (!call.fits(call.size(1) == n, "swiGlu: expected gate and up of one shape")) return;
  float* y = call.output(0, 0);
  Threads::get().split(n, 2, [&](long begin, long end, long) { ladder::swiGlu(gate + begin, up + begin, y + begin, end - begin); });
}

void swiGluGradient(Call& call, const Settings&) {
  const float *dy = call.input(0), *gate = call.input(1), *up = call.input(2);
  const long n = call.size(0);
  if (!call.fits(call.size(1) == n && call.size(2) == n, "swiGluGradient: expected dy, gate and up of one shape")) return;
  float *dGate = call.output(0, 1), *dUp = call.output(1, 2);
  Threads::get().split(n, 4, [&](long begin, long end, long) {
    ladder::swiGluGradient(dy + begin, gate + begin, up + begin, dGate + begin, dUp + begin, end - begin);
  });
}

// x [.., T, H, K] with cosines and sines [T, K / 2].
void rotate(Call& call, const Settings& settings) {
  const float *x = call.input(0), *cosine = call.input(1), *sine = call.input(2);
  const long K = call.dim(0, 1), H = call.dim(0, 2), T = call.dim(0, 3), half = K / 2;
  const bool sizes = call.size(1) == T * half && call.size(2) == T * half;
  if (!call.fits(K % 2 == 0 && sizes, "rotate: expected x [.., T, H, K] with K even, cos and sin [T, K / 2]")) return;
  float* y = call.output(0, 0);
  const float sign = settings.inverse ? -1.0f : 1.0f;
  const auto row = settings.interleaved ? ladder::rotateInterleaved : ladder::rotateHalves;
  Threads::get().split(call.size(0) / K, K, [&](long begin, long end, long) {
    for (long r = begin; r < end; r++) {
      const long t = r / H % T;
      row(x + r * K, cosine + t * half, sine + t * half, y + r * K, half, sign);
    }
  });
}

// scores [.., T, S]: row t sees the first t + 1 + S - T keys.
void causalSoftmax(Call& call, const Settings& settings) {
  const float* scores = call.input(0);
  const long S = call.dim(0, 1), T = call.dim(0, 2), past = S - T;
  if (!call.fits(past >= 0, "causalSoftmax: expected scores [.., T, S] with S >= T")) return;
  float* weights = call.output(0, 0);
  Threads::get().split(call.size(0) / S, S, [&](long begin, long end, long) {
    for (long r = begin; r < end; r++) ladder::softmaxRow(scores + r * S, weights + r * S, r % T + 1 + past, S, settings.scale);
  });
}

void causalSoftmaxGradient(Call& call, const Settings& settings) {
  const float *dy = call.input(0), *weights = call.input(1);
  const long S = call.dim(1, 1), T = call.dim(1, 2), past = S - T;
  if (!call.fits(past >= 0 && call.size(0) == call.size(1), "causalSoftmaxGradient: expected dy and weights [.., T, S]")) return;
  float* dx = call.output(0, 1);
  Threads::get().split(call.size(1) / S, 2 * S, [&](long begin, long end, long) {
    for (long r = begin; r < end; r++) {
      ladder::softmaxGradientRow(dy + r * S, weights + r * S, dx + r * S, r % T + 1 + past, S, settings.scale);
    }
  });
}

void crossEntropy(Call& call, const Settings&) {
  const float* logits = call.input(0);
  const int32_t* targets = call.ids(1);
  const long N = call.size(1), V = call.dim(0, 1);
  if (!call.fits(call.size(0) == N * V, "sparseCrossEntropy: expected logits [N, V] and targets [N]")) return;
  for (long n = 0; n < N; n++) {
    if (!call.fits(targets[n] >= 0 && targets[n] < V, "sparseCrossEntropy: expected targets in [0, V), got an id outside")) return;
  }
  float *losses = call.output(0, 1), *gradient = call.output(1, 0);
  Threads::get().split(N, 2 * V, [&](long begin, long end, long) {
    for (long n = begin; n < end; n++) losses[n] = ladder::crossEntropyRow(logits + n * V, gradient + n * V, V, targets[n]);
  });
}

// weights, gradient, first and second moment (changed in place: nobody else holds them), [rate, beta1, beta2, epsilon] -> new weights.
void adam(Call& call, const Settings&) {
  const float *w = call.input(0), *g = call.input(1), *numbers = call.input(4);
  float *first = call.inPlace(2), *second = call.inPlace(3);
  const long n = call.size(0);
  const bool sizes = call.size(1) == n && call.size(2) == n && call.size(3) == n && call.size(4) == 4;
  if (!call.fits(sizes, "adam: expected weights, gradient and moments of one size, and 4 numbers")) return;
  float* updated = call.output(0, 0);
  Threads::get().split(n, 4, [&](long begin, long end, long) {
    ladder::adam(w + begin, g + begin, first + begin, second + begin, updated + begin, end - begin, numbers[0], numbers[1], numbers[2],
                 numbers[3]);
  });
}

// y = x W with x [rows], W [rows, N]: each thread sums its rows of W, which lie side by side in memory, into a row of its own.
void rowTimes(const float* x, const float* w, float* y, long rows, long N) {
  std::vector<float> sums(Threads::get().most() * N, 0.0f);
  const long parts = Threads::get().split(rows, N, [&](long begin, long end, long part) {
    ladder::addRowTimes(x + begin, w + begin * N, sums.data() + part * N, end - begin, N);
  });
  for (long j = 0; j < N; j++) {
    y[j] = 0;
    for (long part = 0; part < parts; part++) y[j] += sums[part * N + j];
  }
}

// One layer of a LLaMA for the one token at `place`: keys and values are changed in place (nobody else holds them), earlier places are read.
void decodeLayer(Call& call, const Settings& settings) {
  const float *x = call.input(0), *attnGain = call.input(1), *qkv = call.input(2), *out = call.input(3);
  const float *ffnGain = call.input(4), *gate = call.input(5), *up = call.input(6), *down = call.input(7);
  float *keys = call.inPlace(8), *values = call.inPlace(9);
  const float *cosine = call.input(10), *sine = call.input(11);
  const long place = call.ids(12)[0];
  const long D = call.size(0), F = call.dim(5, 1), K = call.dim(8, 1), C = call.dim(8, 2), G = call.dim(8, 3), H = call.dim(3, 2) / K;
  const bool gains = call.size(1) == D && call.size(4) == D;
  const bool heads = H % G == 0 && call.size(2) == D * (H + 2 * G) * K && call.size(3) == H * K * D;
  const bool cache = call.size(8) == G * C * K && call.size(9) == G * C * K && place >= 0 && place < C;
  const bool angles = K % 2 == 0 && call.size(10) == K / 2 && call.size(11) == K / 2;
  const bool ffn = call.size(5) == D * F && call.size(6) == D * F && call.size(7) == F * D;
  if (!call.fits(gains && heads && cache && angles && ffn, "decodeLayer: expected the sizes of one layer, and a place inside the cache")) return;
  float* y = call.output(0, 0); // [1, D]

  float rstd;
  std::vector<float> normed(D), projected((H + 2 * G) * K), mixed(H * K), queries(H * K), scores(H * (place + 1));
  ladder::rmsNorm(x, attnGain, normed.data(), &rstd, 1, D, settings.epsilon);
  rowTimes(normed.data(), qkv, projected.data(), D, (H + 2 * G) * K);
  const auto rotate = settings.interleaved ? ladder::rotateInterleaved : ladder::rotateHalves;
  for (long h = 0; h < H; h++) rotate(projected.data() + h * K, cosine, sine, queries.data() + h * K, K / 2, 1.0f);
  for (long g = 0; g < G; g++) {
    const long at = (g * C + place) * K;
    rotate(projected.data() + (H + g) * K, cosine, sine, keys + at, K / 2, 1.0f);
    std::memcpy(values + at, projected.data() + (H + G + g) * K, K * sizeof(float));
  }
  Threads::get().split(H, 2 * (place + 1) * K, [&](long begin, long end, long) {
    for (long h = begin; h < end; h++) {
      const long cached = h / (H / G) * C * K;
      float* room = scores.data() + h * (place + 1);
      ladder::attendRow(queries.data() + h * K, keys + cached, values + cached, room, mixed.data() + h * K, place + 1, K);
    }
  });
  rowTimes(mixed.data(), out, y, H * K, D);
  for (long i = 0; i < D; i++) y[i] += x[i];

  std::vector<float> gated(F), raised(F), lowered(D);
  ladder::rmsNorm(y, ffnGain, normed.data(), &rstd, 1, D, settings.epsilon);
  rowTimes(normed.data(), gate, gated.data(), D, F);
  rowTimes(normed.data(), up, raised.data(), D, F);
  ladder::swiGlu(gated.data(), raised.data(), gated.data(), F);
  rowTimes(gated.data(), down, lowered.data(), F, D);
  for (long i = 0; i < D; i++) y[i] += lowered[i];
}

// x [1, D], table [V, D] -> [1, V]: the scalar products with all rows of a table.
void rowByTable(Call& call, const Settings&) {
  const float *x = call.input(0), *table = call.input(1);
  const long D = call.size(0), V = call.size(1) / D;
  if (!call.fits(call.dim(1, 1) == D, "rowByTable: expected x [1, D] and table [V, D]")) return;
  const int64_t dims[] = {1, V};
  float* y = call.output(0, dims, 2);
  Threads::get().split(V, D, [&](long begin, long end, long) { ladder::rowByTable(x, table + begin * D, y + begin, end - begin, D); });
}

// --- registration ---

template <void (*compute)(Call&, const Settings&)>
void run(void* settings, TF_OpKernelContext* context) {
  Call call(context);
  compute(call, *static_cast<Settings*>(settings));
}

void* create(TF_OpKernelConstruction* construction) {
  auto* settings = new Settings;
  TF_Status* status = TF_NewStatus(); // an attribute that the op has not stays at its default
  TF_OpKernelConstruction_GetAttrFloat(construction, "epsilon", &settings->epsilon, status);
  TF_OpKernelConstruction_GetAttrFloat(construction, "scale", &settings->scale, status);
  TF_OpKernelConstruction_GetAttrBool(construction, "inverse", &settings->inverse, status);
  TF_OpKernelConstruction_GetAttrBool(construction, "interleaved", &settings->interleaved, status);
  TF_DeleteStatus(status);
  return settings;
}

void remove(void* settings) { delete static_cast<Settings*>(settings); }

void unknownShapes(TF_ShapeInferenceContext* context, TF_Status* status) { TF_ShapeInferenceContextSetUnknownShape(context, status); }

// Returns what TensorFlow said against it, "" when it took the op.
template <void (*compute)(Call&, const Settings&)>
std::string add(const char* name, std::vector<const char*> inputs, std::vector<const char*> outputs, std::vector<const char*> attributes = {}) {
  TF_OpDefinitionBuilder* op = TF_NewOpDefinitionBuilder(name);
  for (const char* input : inputs) TF_OpDefinitionBuilderAddInput(op, input);
  for (const char* output : outputs) TF_OpDefinitionBuilderAddOutput(op, output);
  for (const char* attribute : attributes) TF_OpDefinitionBuilderAddAttr(op, attribute);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(op, &unknownShapes);
  TF_Status* status = TF_NewStatus();
  TF_RegisterOpDefinition(op, status);
  if (TF_GetCode(status) == TF_OK) {
    TF_KernelBuilder* kernel = TF_NewKernelBuilder(name, "CPU", &create, &run<compute>, &remove);
    TF_RegisterKernelBuilder(name, kernel, status);
  }
  std::string said = TF_GetCode(status) == TF_OK ? "" : TF_Message(status);
  TF_DeleteStatus(status);
  return said;
}

std::string addAll() {
  std::string said;
  said += add<rmsNorm>("LadderRmsNorm", {"x: float", "gain: float"}, {"y: float", "rstd: float"}, {"epsilon: float"});
  said += add<rmsNormGradient>("LadderRmsNormGradient", {"dy: float", "x: float", "gain: float", "rstd: float"}, {"dx: float", "dgain: float"});
  said += add<swiGlu>("LadderSwiGlu", {"gate: float", "up: float"}, {"y: float"});
  said += add<swiGluGradient>("LadderSwiGluGradient", {"dy: float", "gate: float", "up: float"}, {"dgate: float", "dup: float"});
  said += add<rotate>("LadderRotate", {"x: float", "cosine: float", "sine: float"}, {"y: float"}, {"inverse: bool", "interleaved: bool"});
  said += add<causalSoftmax>("LadderCausalSoftmax", {"scores: float"}, {"weights: float"}, {"scale: float"});
  said += add<causalSoftmaxGradient>("LadderCausalSoftmaxGradient", {"dy: float", "weights: float"}, {"dx: float"}, {"scale: float"});
  said += add<crossEntropy>("LadderSparseCrossEntropy", {"logits: float", "targets: int32"}, {"losses: float", "gradient: float"});
  said += add<adam>("LadderAdam", {"w: float", "g: float", "first: float", "second: float", "numbers: float"}, {"updated: float"});
  said += add<decodeLayer>("LadderDecodeLayer",
                           {"x: float", "attn_gain: float", "qkv: float", "out: float", "ffn_gain: float", "gate: float", "up: float", "down: float",
                            "keys: float", "values: float", "cosine: float", "sine: float", "place: int32"},
                           {"y: float"}, {"epsilon: float", "interleaved: bool"});
  said += add<rowByTable>("LadderRowByTable", {"x: float", "table: float"}, {"y: float"});
  return said;
}

}  // namespace

// Exports one string: empty, or why an op could not be registered. A process registers once, however often it loads the addon.
NAPI_MODULE_INIT() {
  static const std::string said = addAll();
  napi_value message;
  napi_create_string_utf8(env, said.data(), said.size(), &message);
  napi_set_named_property(env, exports, "refused", message);
  return exports;
}
