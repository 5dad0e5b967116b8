// The row loops of LLM Ladder's training ops: plain C++ on float rows, one function a direction, nothing of TensorFlow in it.
// `#pragma omp simd` only lets the compiler vectorise a sum (-fopenmp-simd; no OpenMP library is linked).
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

// One copy of a loop for each kind of register; the loader picks at start-up. So a cache folder shared by different machines stays valid.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define EACH_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define EACH_PROCESSOR
#endif

namespace ladder {

// Relative error below 2e-7 (Cephes' expf); 0 below -87, that of 88 above it, NaN for NaN. Inline, so that loops over it vectorise.
static inline __attribute__((always_inline)) float exponential(float asked) {
  const float x = asked < -87.0f ? -87.0f : asked > 88.0f ? 88.0f : asked;
  const float rounder = 12582912.0f;  // 1.5 * 2^23: adding it leaves no bits for a fraction
  const float k = (x * 1.44269504f + rounder) - rounder;
  const float r = (x - k * 0.693359375f) - k * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const int32_t bits = (static_cast<int32_t>(k) + 127) << 23;
  float power;
  std::memcpy(&power, &bits, sizeof power);
  return asked < -87.0f ? 0.0f : p * power;
}

// y = x * rstd * gain with rstd = 1 / sqrt(mean(x^2) + epsilon): x [rows, D], gain [D] -> y [rows, D], rstd [rows].
EACH_PROCESSOR static void rmsNorm(const float* x, const float* gain, float* y, float* rstd, long rows, long D, float epsilon) {
  for (long row = 0; row < rows; row++, x += D, y += D) {
    float squares = 0;
#pragma omp simd reduction(+ : squares)
    for (long i = 0; i < D; i++) squares += x[i] * x[i];
    const float scale = 1.0f / std::sqrt(squares / D + epsilon);
    rstd[row] = scale;
#pragma omp simd
    for (long i = 0; i < D; i++) y[i] = x[i] * scale * gain[i];
  }
}

// Adds to dGain, so that each thread sums its rows into a row of its own.
EACH_PROCESSOR static void rmsNormGradient(const float* dy, const float* x, const float* gain, const float* rstd, float* dx, float* dGain,
                                           long rows, long D) {
  for (long row = 0; row < rows; row++, dy += D, x += D, dx += D) {
    const float scale = rstd[row];
    float along = 0;
#pragma omp simd reduction(+ : along)
    for (long i = 0; i < D; i++) along += dy[i] * gain[i] * x[i];
    const float back = along / D * scale * scale * scale;
#pragma omp simd
    for (long i = 0; i < D; i++) {
      dx[i] = dy[i] * gain[i] * scale - x[i] * back;
      dGain[i] += dy[i] * x[i] * scale;
    }
  }
}

// y = gate * sigmoid(gate) * up.
EACH_PROCESSOR static void swiGlu(const float* gate, const float* up, float* y, long n) {
#pragma omp simd
  for (long i = 0; i < n; i++) y[i] = gate[i] / (1.0f + exponential(-gate[i])) * up[i];
}

EACH_PROCESSOR static void swiGluGradient(const float* dy, const float* gate, const float* up, float* dGate, float* dUp, long n) {
#pragma omp simd
  for (long i = 0; i < n; i++) {
    const float sigmoid = 1.0f / (1.0f + exponential(-gate[i]));
    dGate[i] = dy[i] * up[i] * sigmoid * (1.0f + gate[i] * (1.0f - sigmoid));
    dUp[i] = dy[i] * gate[i] * sigmoid;
  }
}

// Rotates the pairs of one row by its angles; `sign` -1 rotates back. Halves: pair i is (i, i + K/2). Interleaved: (2i, 2i + 1).
EACH_PROCESSOR static void rotateHalves(const float* x, const float* cosine, const float* sine, float* y, long half, float sign) {
#pragma omp simd
  for (long i = 0; i < half; i++) {
    const float s = sign * sine[i];
    y[i] = x[i] * cosine[i] - x[i + half] * s;
    y[i + half] = x[i] * s + x[i + half] * cosine[i];
  }
}

EACH_PROCESSOR static void rotateInterleaved(const float* x, const float* cosine, const float* sine, float* y, long half, float sign) {
  for (long i = 0; i < half; i++) {
    const float s = sign * sine[i];
    y[2 * i] = x[2 * i] * cosine[i] - x[2 * i + 1] * s;
    y[2 * i + 1] = x[2 * i] * s + x[2 * i + 1] * cosine[i];
  }
}

// exp(scale * x - highest) of `seen` scores, and their sum.
EACH_PROCESSOR static float exponentials(const float* x, float* y, long seen, float scale) {
  float highest = -INFINITY;
#pragma omp simd reduction(max : highest)
  for (long i = 0; i < seen; i++) highest = x[i] * scale > highest ? x[i] * scale : highest;
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (long i = 0; i < seen; i++) sum += y[i] = exponential(x[i] * scale - highest);
  return sum;
}

// Softmax over the first `seen` of S scores times `scale`; the others get exactly 0.
EACH_PROCESSOR static void softmaxRow(const float* x, float* y, long seen, long S, float scale) {
  const float share = 1.0f / exponentials(x, y, seen, scale);
#pragma omp simd
  for (long i = 0; i < seen; i++) y[i] *= share;
  std::memset(y + seen, 0, (S - seen) * sizeof(float));
}

EACH_PROCESSOR static void softmaxGradientRow(const float* dy, const float* y, float* dx, long seen, long S, float scale) {
  float mean = 0;
#pragma omp simd reduction(+ : mean)
  for (long i = 0; i < seen; i++) mean += dy[i] * y[i];
#pragma omp simd
  for (long i = 0; i < seen; i++) dx[i] = scale * y[i] * (dy[i] - mean);
  std::memset(dx + seen, 0, (S - seen) * sizeof(float));
}

// The loss of one row of logits and its gradient, softmax - one-hot.
EACH_PROCESSOR static float crossEntropyRow(const float* logits, float* gradient, long V, int32_t target) {
  const float sum = exponentials(logits, gradient, V, 1.0f);
  float highest = -INFINITY;
#pragma omp simd reduction(max : highest)
  for (long i = 0; i < V; i++) highest = logits[i] > highest ? logits[i] : highest;
  const float share = 1.0f / sum;
#pragma omp simd
  for (long i = 0; i < V; i++) gradient[i] *= share;
  gradient[target] -= 1.0f;
  return std::log(sum) + highest - logits[target];
}

// y += x W with x [rows], W [rows, N]: eight rows of W at a time, so that y is read and written once for eight.
EACH_PROCESSOR static void addRowTimes(const float* x, const float* w, float* y, long rows, long N) {
  for (; rows >= 8; rows -= 8, x += 8, w += 8 * N) {
    const float a = x[0], b = x[1], c = x[2], d = x[3], e = x[4], f = x[5], g = x[6], h = x[7];
#pragma omp simd
    for (long j = 0; j < N; j++) {
      const float* at = w + j;
      y[j] += ((a * at[0] + b * at[N]) + (c * at[2 * N] + d * at[3 * N])) + ((e * at[4 * N] + f * at[5 * N]) + (g * at[6 * N] + h * at[7 * N]));
    }
  }
  for (; rows > 0; rows--, x++, w += N) {
#pragma omp simd
    for (long j = 0; j < N; j++) y[j] += x[0] * w[j];
  }
}

// y[r] = x . table[r] with x [D], table [rows, D].
EACH_PROCESSOR static void rowByTable(const float* x, const float* table, float* y, long rows, long D) {
  for (long r = 0; r < rows; r++, table += D) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (long i = 0; i < D; i++) sum += x[i] * table[i];
    y[r] = sum;
  }
}

// Attention of one query [K] over all of S keys and values, both [S, K]; `scores` is room for S numbers.
EACH_PROCESSOR static void attendRow(const float* q, const float* keys, const float* values, float* scores, float* mixed, long S, long K) {
  rowByTable(q, keys, scores, S, K);
  softmaxRow(scores, scores, S, S, 1.0f);
  std::memset(mixed, 0, K * sizeof(float));
  addRowTimes(scores, values, mixed, S, K);
}

// Adam with both bias corrections folded into `rate` and `epsilon` (src/fused/adam.ts); the moments are changed in place.
EACH_PROCESSOR static void adam(const float* w, const float* g, float* first, float* second, float* updated, long n, float rate, float beta1,
                                float beta2, float epsilon) {
#pragma omp simd
  for (long i = 0; i < n; i++) {
    const float m = first[i] = beta1 * first[i] + (1.0f - beta1) * g[i];
    const float v = second[i] = beta2 * second[i] + (1.0f - beta2) * g[i] * g[i];
    updated[i] = w[i] - rate * m / (std::sqrt(v) + epsilon);
  }
}

}  // namespace ladder
