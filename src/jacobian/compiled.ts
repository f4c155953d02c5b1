import type { Tensor } from "../core/tensor.ts";
import { deviceKernels, forDevice } from "../autodiff/device/kernels.ts";
import { withDoubleKernels } from "../autodiff/double/kernels.ts";
import type { Executor, LoadOptions } from "../onnx/executor.ts";
import { emitFed, outputName } from "../onnx/emit.ts";
import type { Program, Value } from "../onnx/value.ts";

/** A program loaded into the runtime, called with tensors by value name. */
export interface Compiled {
  readonly program: Program;
  /** Feeds by input name; extra feeds are ignored. Results by the names of the program's outputs, owned by the caller. */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<ReadonlyMap<string, Tensor>>;
  dispose(): Promise<void>;
}

/** Loads a program, as `forDevice` writes it for the provider, float64 steps as `withDoubleKernels` does; `options` say where it runs. @throws LensError RUNTIME_LOAD. */
export const compile = async (executor: Executor, program: Program, options?: LoadOptions): Promise<Compiled> => {
  const names = program.outputs.map((value): readonly [Value, string] => [value, outputName(program, value)]);
  if (program.outputs.length === 0) return { program, run: () => Promise.resolve(new Map()), dispose: () => Promise.resolve() };
  const written = options?.place === "host" ? program : forDevice(program, await deviceKernels(executor));
  const { model, inputs, feeds: constants } = emitFed(withDoubleKernels(written));
  const session = await executor.load(model, options);
  return {
    program,
    async run(feeds) {
      const own: Record<string, Tensor> = { ...constants };
      for (const name of inputs) {
        const tensor = feeds[name];
        if (tensor) own[name] = tensor;
      }
      const results = await session.run(own);
      const found = new Map<string, Tensor>();
      for (const [value, name] of names) {
        const tensor = results[name];
        if (tensor) found.set(value.name, tensor);
      }
      return found;
    },
    dispose: () => session.dispose(),
  };
};
