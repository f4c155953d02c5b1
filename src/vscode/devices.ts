import type { AnalysisRequest } from "../analysis/request.ts";

const AUTOMATIC = "auto";

const nameOf = (provider: string, deviceId: number): string => (deviceId === 0 ? provider : `${provider} ${deviceId}`);

/** The devices that analyses are asked for: a provider and the number of a device. What "auto" comes to is learned from the first result. */
export class Devices {
  private readonly automatic = new Map<number, string>();

  /** One name for all requests that compute on one device, as far as that is known. */
  of({ provider = AUTOMATIC, deviceId = 0 }: Pick<AnalysisRequest, "provider" | "deviceId">): string {
    return nameOf(provider === AUTOMATIC ? (this.automatic.get(deviceId) ?? AUTOMATIC) : provider, deviceId);
  }

  /** A request was answered by a provider. Returns the device's name so far and from now on where "auto" became known by it, else null. */
  learn(request: Pick<AnalysisRequest, "provider" | "deviceId">, provider: string): { readonly from: string; readonly to: string } | null {
    const { provider: asked = AUTOMATIC, deviceId = 0 } = request;
    if (asked !== AUTOMATIC) return null;
    const first = !this.automatic.has(deviceId);
    const from = this.of(request);
    this.automatic.set(deviceId, provider);
    return first ? { from, to: this.of(request) } : null;
  }
}
