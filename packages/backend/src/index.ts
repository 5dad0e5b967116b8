/** `@llm-ladder/backend`: the one `tf`, which device runs the maths, and what it can do. */
import './no-backend.ts';
import { registerMatMulGradient } from './gemm/gradient.ts';

export { type BackendName, backendNames, isBackendName } from './backend-name.ts';
export { type DeviceInfo, deviceInfo } from './device-info.ts';
export { type BackendReport, type DoctorOptions, type DoctorReport, doctor } from './doctor.ts';
export { type MeasureOptions, measureRoofline, type Roofline } from './roofline.ts';
export * as tf from './tf.ts';
export { type BackendOptions, useBackend } from './use-backend.ts';
export { setWasmPath } from './wasm.ts';

registerMatMulGradient();
