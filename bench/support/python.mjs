import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A Python peer that answers each command with one JSON line; its first line says what it is. */
export const startPython = async (script, needs, env = {}) => {
  const child = spawn("/usr/bin/python3", ["-W", "ignore", fileURLToPath(new URL(`../${script}`, import.meta.url))], { stdio: ["pipe", "pipe", "ignore"], env: { ...process.env, ...env } });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${script} did not start or stopped; it needs: apt-get install ${needs}`);
    return JSON.parse(value);
  };
  const facts = await answer();
  const ask = (command) => {
    child.stdin.write(`${command}\n`);
    return answer();
  };
  return { facts, ask, stop: () => child.stdin.end() };
};

export const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
