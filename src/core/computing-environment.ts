/**
 * What the environment of a process that computes says, unless the user's own says otherwise; read by native libraries when they start.
 *   NVIDIA_TF32_OVERRIDE  CUDA would round products to 10-bit mantissas (TF32)
 *   CUDA_DEVICE_ORDER     GPUs are numbered as nvidia-smi numbers them
 *   ORT_DISABLE_TELEMETRY ONNX Runtime would write a device number and the names of graphs into the home folder, and send them to Microsoft
 * Pages of 2 MiB (glibc.malloc.hugetlb=1) are not asked for: where memory has been in use for hours the system first has to make room for them,
 * and the first run of a process takes up to twice as long; later ones gain a seventh at most (measured).
 */
export const COMPUTING_ENVIRONMENT: Readonly<Record<string, string>> = { NVIDIA_TF32_OVERRIDE: "0", CUDA_DEVICE_ORDER: "PCI_BUS_ID", ORT_DISABLE_TELEMETRY: "1" };
