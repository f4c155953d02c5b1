import { chosenPlan, type MethodPlan, type Plan } from "../../analysis/plan/plan.ts";
import { columns } from "./columns.ts";
import { batchesText, memoryText } from "./device-memory.ts";
import { bytes, count, counted } from "./numbers.ts";
import type { Style } from "./style.ts";

const PREFIXES = ["", "k", "M", "G", "T", "P", "E"];

/** 1.2 G, 340 M: a number with the prefix that suits it. */
const scaled = (value: number): string => {
  const power = Math.min(PREFIXES.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
  return `${Number((value / 1000 ** power).toPrecision(3))} ${PREFIXES[power] ?? ""}`.trim();
};

/** Seconds as people say them: 0.4 s, 12 s, 3.5 min, 2 h. */
export const duration = (seconds: number): string => {
  if (seconds < 60) return `${Number(seconds.toPrecision(2))} s`;
  return seconds < 3600 ? `${Number((seconds / 60).toPrecision(2))} min` : `${Number((seconds / 3600).toPrecision(2))} h`;
};

const shown = (value: number | null, as: (value: number) => string): string => (value === null ? "–" : as(value));

const row = ({ method, flops, memory, seconds, returns, fits, why }: MethodPlan, chosen: boolean): string[] =>
  [chosen ? "→" : " ", method, shown(flops, scaled), shown(memory, bytes), shown(seconds, duration), fits ? "yes" : "no", fits ? returns : (why ?? "")];

/** What the device has, what the method takes of it, and the batches; null on the CPU. */
const deviceText = ({ deviceMemory }: Plan, used: MethodPlan | undefined): string | null => {
  const taken = used?.device ?? null;
  const parts = [deviceMemory ? `${memoryText(deviceMemory)} (${deviceMemory.source})` : null, taken === null ? null : `about ${bytes(taken)} for graphs`, deviceMemory ? batchesText(deviceMemory) : null];
  return parts.filter((text) => text !== null).join(" · ") || null;
};

/** A plan as a table for people. Ends with a line feed. */
export const planText = (plan: Plan, style: Style): string => {
  const { samples, outputs, parameters, provider, limit, base, methods, chosen, because, advice, withoutRule, throughput } = plan;
  const [head = "", ...rows] = columns([["", "method", "FLOPs", "memory", "time", "fits", "returns, or why not"], ...methods.map((own) => row(own, own.method === chosen))], [2, 3, 4]);
  const used = chosenPlan(plan);
  const parts = (used?.parts ?? []).map(({ what, bytes: size }) => `${what} ${bytes(size)}`).join(" · ");
  const facts: readonly (readonly [string, string | null])[] = [
    ["chosen", chosen === null ? style.red(`none: ${because}`) : `${style.green(chosen)}, because ${because}`],
    ["what to change", advice.length > 0 ? advice.join("; ") : null],
    ["memory", parts === "" ? null : parts],
    ["on the device", deviceText(plan, used)],
    ["without a rule", withoutRule.length > 0 ? withoutRule.map(({ parameter, operator, node }) => `${parameter} (${operator} at node "${node}")`).join(", ") : null],
    ["this machine", `${scaled(throughput.single)}FLOP/s in float32, ${scaled(throughput.double)}FLOP/s in float64, ${scaled(throughput.eigen)}FLOP/s in the eigensolver`],
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  return [
    style.bold(`${counted(samples, "sample")} × ${counted(outputs, "output")} · ${count(parameters)} parameters · ${provider} · at most ${bytes(limit)}, of which ${bytes(base)} are taken already`),
    "", style.dim(head), ...rows, "",
    ...facts.flatMap(([name, text]) => (text === null ? [] : [`${style.dim(name.padEnd(width))}  ${text}`])), "",
  ].join("\n");
};
