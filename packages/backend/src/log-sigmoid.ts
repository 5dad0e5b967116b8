/** logSigmoid with a gradient everywhere: TF.js 4.22 keeps its input by a closure, and in a longer calculation that input is gone before the gradient asks for it. */
import * as core from '@tensorflow/tfjs-core';

/** log(1 / (1 + exp(-x))), element by element: any shape -> the same shape. */
export function logSigmoid<T extends core.Tensor>(x: T | core.TensorLike): T {
  const op = core.customGrad((input, save) => {
    const given = input as core.Tensor;
    (save as (tensors: core.Tensor[]) => void)([given]);
    const gradFunc = (dy: core.Tensor, [saved]: core.Tensor[]) => dy.mul(saved!.neg().sigmoid());
    return { value: given.neg().softplus().neg(), gradFunc };
  });
  return op(x instanceof core.Tensor ? x : core.tensor(x)) as T;
}

Object.defineProperty(core.Tensor.prototype, 'logSigmoid', {
  value(this: core.Tensor) {
    this.throwIfDisposed();
    return logSigmoid(this);
  },
  configurable: true,
  writable: true,
});
