/** The `tensorflow` backend: native speed on Linux, and NVIDIA GPUs; installed by `ladder backend install`. */
export { cacheRoot, TENSORFLOW_VERSION } from './cache.ts';
export { type InstallOptions, type InstallResult, type InstallStep, installTensorflow, uninstallTensorflow } from './install.ts';
export { loadTensorflow, type TensorflowStatus, tensorflowPaths, tensorflowStatus } from './load.ts';
