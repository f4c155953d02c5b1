/** How the program ends. COMMAND-LINE.md: done, a check failed, wrong usage, unreadable or invalid input, could not be done, interrupted. */
export const EXIT_STATUSES = [0, 1, 2, 3, 4, 130] as const;

export type ExitStatus = (typeof EXIT_STATUSES)[number];

/** Error codes by the beginning of their name, and the exit status of each family; the longest beginning counts. */
const FAMILIES: Readonly<Record<string, ExitStatus>> = {
  CANCELLED: 130,
  CHECK_: 1,
  USAGE_: 2,
  CUTOFF_: 2,
  PARAMETER_: 2,
  DATA_: 3,
  NPY_: 3,
  NPZ_: 3,
  NPZ_SIZE: 4,
  CSV_: 3,
  LABEL_: 3,
  CONVERT_: 3,
  MODEL_: 3,
  MODEL_CONTROL: 4,
  MODEL_DYNAMIC: 4,
  MODEL_SEQUENCE: 4,
  MODEL_TRAINING: 4,
  MODEL_UNROLL: 4,
  PRODUCT_: 3,
  RESULT_READ: 3,
  RESULT_WRITE: 4,
  WRITE_: 4,
  OPERATOR_: 4,
  RULE_: 4,
  TRACE_: 4,
  JACOBIAN_: 4,
  RUNTIME_: 4,
  GPU_: 4,
  MATRIX_: 4,
  BASIS_: 4,
  MEMORY: 4,
  MEMORY_: 4,
  NOT_FINITE: 4,
  NO_CONVERGENCE: 4,
  TIMEOUT: 4,
  INTERNAL: 4,
};

/** The family of an error code, or undefined. */
export const familyOf = (code: string): string | undefined =>
  Object.keys(FAMILIES).filter((family) => (family.endsWith("_") ? code.startsWith(family) : code === family)).sort((a, b) => b.length - a.length)[0];

/** The exit status for an error code; 4 for a code of no known family. */
export const exitStatusOf = (code: string): ExitStatus => FAMILIES[familyOf(code) ?? ""] ?? 4;
