/** The box: what the judge and the command line use. */
export { type OpenOptions, openBox, readableInBox, strongDrivers, strongestDriver } from './box.ts';
export { bubblewrapObstacle, type Obstacle } from './obstacle.ts';
export { BoxPool } from './pool.ts';
export { ensureRuntime } from './runtime.ts';
export {
  type Box,
  type BoxBackend,
  BoxError,
  type BoxErrorCode,
  type BoxStats,
  type CallResult,
  type Driver,
  type ExportKind,
  type GradOptions,
  type Limits,
  type Program,
  type RemoteError,
  type Target,
  type VisibleTestResult,
} from './types.ts';
export {
  Adapter,
  type AdapterKind,
  boxed,
  type Callback,
  type DType,
  Handle,
  isPlainObject,
  iterable,
  type Nested,
  rng,
  type TensorData,
  TensorValue,
  type TypedArray,
  table,
  tensor,
  type Value,
} from './values.ts';
