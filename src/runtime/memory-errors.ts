/** What ONNX Runtime and the libraries below it say when there is no room: CPU arena, CUDA, Direct3D, WebGPU (whose buffers also have a largest size). */
const PATTERNS: readonly RegExp[] = [
  /failed to allocate memory/i,
  /bad[_ ]alloc(?:ation)?/i,
  /out of (?:device |host )?memory/i,
  /cudaErrorMemoryAllocation|CUDA failure 2\b|CUBLAS_STATUS_ALLOC_FAILED|CUDNN_STATUS_ALLOC_FAILED/i,
  /E_OUTOFMEMORY|8007000E/i,
  /VK_ERROR_OUT_OF_(?:DEVICE|HOST)_MEMORY/i,
  /(?:buffer|binding) size \(?\d+\)? (?:is larger than|exceeds)|exceeds the max(?:imum)? (?:buffer|storage buffer binding) size/i,
];

/** Whether a message of ONNX Runtime says that memory ran out: a smaller batch may do. */
export const isOutOfMemory = (message: string): boolean => PATTERNS.some((pattern) => pattern.test(message));
