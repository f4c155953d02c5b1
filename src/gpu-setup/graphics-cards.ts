import type { Machine } from "./machine.ts";

export type Vendor = "nvidia" | "amd" | "intel" | "other";

/** A graphics device of this computer. */
export interface GraphicsCard {
  readonly vendor: Vendor;
  readonly name: string;
  /** "0000:01:00.0"; null where the operating system does not say. */
  readonly pci: string | null;
  /** Bytes; null when only the driver would know. */
  readonly memory: number | null;
}

/** What nvidia-smi is called and where Windows puts it for its Linux subsystem. */
export const NVIDIA_SMI = ["nvidia-smi", "/usr/lib/wsl/lib/nvidia-smi"] as const;

const VENDORS: Readonly<Record<string, Vendor>> = { "0x10de": "nvidia", "0x1002": "amd", "0x8086": "intel" };
const LABELS: Readonly<Record<Vendor, string>> = { nvidia: "NVIDIA", amd: "AMD", intel: "Intel", other: "unknown" };

/** nvidia-smi writes the domain with eight digits, Linux with four. */
const pciAddress = (text: string): string => text.trim().toLowerCase().replace(/^0000(?=[0-9a-f]{4}:)/, "");

/** Output of nvidia-smi for the fields asked for, one row per GPU; empty where there is none that runs. Rows that a terminal would obey are left out. */
export const askNvidiaSmi = async (machine: Machine, fields: readonly string[]): Promise<readonly (readonly string[])[]> => {
  for (const program of NVIDIA_SMI) {
    const said = await machine.run(program, [`--query-gpu=${fields.join(",")}`, "--format=csv,noheader,nounits"]);
    const rows = (said ?? "").split("\n").filter((line) => line.trim() !== "").map((line) => line.split(",").map((cell) => cell.trim())).filter((row) => row.length === fields.length && !row.some((cell) => /\p{Cc}/u.test(cell)));
    if (rows.length > 0) return rows;
  }
  return [];
};

const fromNvidiaSmi = async (machine: Machine): Promise<GraphicsCard[]> =>
  (await askNvidiaSmi(machine, ["name", "memory.total", "pci.bus_id"])).map(([name = "", mebibytes = "", bus = ""]) => {
    const memory = Number(mebibytes) * 2 ** 20;
    return { vendor: "nvidia", name, pci: bus.includes(":") ? pciAddress(bus) : null, memory: memory > 0 ? memory : null };
  });

/** The NVIDIA kernel module's own list. */
const fromProc = async (machine: Machine): Promise<GraphicsCard[]> => {
  const folder = "/proc/driver/nvidia/gpus";
  return Promise.all((await machine.list(folder)).map(async (address): Promise<GraphicsCard> => {
    const facts = await machine.text(`${folder}/${address}/information`) ?? "";
    return { vendor: "nvidia", name: /Model:\s*(.+)/.exec(facts)?.[1]?.trim() ?? "NVIDIA GPU", pci: pciAddress(address), memory: null };
  }));
};

/** Display devices on the PCI bus, whether or not a driver is loaded. Class 0x03xxxx. @source PCI Code and ID Assignment Specification 1.11, base class 03h. */
const fromPci = async (machine: Machine): Promise<GraphicsCard[]> => {
  const folder = "/sys/bus/pci/devices";
  const found = await Promise.all((await machine.list(folder)).map(async (address): Promise<GraphicsCard | null> => {
    const [kind, maker, device] = await Promise.all(["class", "vendor", "device"].map(async (fact) => (await machine.text(`${folder}/${address}/${fact}`))?.trim() ?? ""));
    if (kind?.startsWith("0x03") !== true) return null;
    const vendor = VENDORS[maker ?? ""] ?? "other";
    return { vendor, name: `${LABELS[vendor]} graphics device ${maker ?? "?"}:${device ?? "?"}`, pci: pciAddress(address), memory: null };
  }));
  return found.filter((card) => card !== null);
};

/** All graphics devices, each once, named by the source that knows most: nvidia-smi, the kernel module, the PCI bus. Cost: one start of nvidia-smi. */
export const findCards = async (machine: Machine): Promise<readonly GraphicsCard[]> => {
  const known: GraphicsCard[] = [];
  for (const source of [fromNvidiaSmi, fromProc, fromPci]) {
    for (const card of await source(machine)) if (!known.some(({ pci }) => pci !== null && pci === card.pci)) known.push(card);
  }
  // A GPU that Windows lends to its Linux subsystem has a made-up address there, which the PCI bus of Linux does not list.
  return known;
};
