import { ALL_CAPABILITIES, type Capabilities } from "../core/capabilities.ts";
import type { ProviderName } from "./session.ts";

/** What providers lack, as ONNX Runtime 1.30 has them: kernels that fail at their first run, or that do not exist. */
const LACKS: Readonly<Record<ProviderName, Partial<Capabilities>>> = {
  cpu: {},
  cuda: { turnedProducts: false, blockedConvolutions: false },
  webgpu: { doubleProducts: false, turnedProducts: false, blockedConvolutions: false, maxPoolIndices: false, substitutes: new Set(["Sign", "LogSoftmax", "Celu", "Selu", "Softsign", "Shrink", "Or", "ConvTranspose", "Pow"]) },
  dml: { doubleProducts: false, turnedProducts: false, blockedConvolutions: false },
  coreml: { doubleProducts: false, turnedProducts: false, blockedConvolutions: false, maxPoolIndices: false },
};

/** What graphs written for a provider may use. */
export const capabilitiesOf = (provider: ProviderName): Capabilities => ({ ...ALL_CAPABILITIES, ...LACKS[provider] });
