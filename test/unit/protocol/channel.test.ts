import { describe, expect, it } from "vitest";
import { cancelled, LensError, isCancelled } from "../../../src/core/errors.ts";
import { Channel, type Handlers } from "../../../src/protocol/channel.ts";
import { pair } from "./pair.ts";

interface Server {
  requests: {
    double: { params: { n: number }; result: number };
    fail: { params: null; result: null };
    throwNothing: { params: null; result: null };
    wait: { params: null; result: string };
    uncloneable: { params: null; result: unknown };
  };
  events: { said: string };
}
interface Client {
  requests: object;
  events: { tick: Float64Array };
}

/** A client's and a server's end of a pair, and what each heard. */
const conversation = () => {
  const { left, right, sent } = pair();
  const said: string[] = [];
  const ticks: Float64Array[] = [];
  const aborted: string[] = [];
  const handlers: Handlers<Server> = {
    requests: {
      double: ({ n }) => Promise.resolve(2 * n),
      fail: () => Promise.reject(new LensError("DATA_SHAPE", "x has 3 axes.", "Give one with 2.")),
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a careless handler
      throwNothing: () => Promise.reject(undefined),
      wait: (_, signal) => new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => { aborted.push("wait"); reject(cancelled()); });
      }),
      uncloneable: () => Promise.resolve(() => 1),
    },
    events: { said: (text) => said.push(text) },
  };
  const server = new Channel<Server, Client>(right, handlers);
  const client = new Channel<Client, Server>(left, { requests: {}, events: { tick: (value) => ticks.push(value) } });
  return { client, server, left, right, sent, said, ticks, aborted };
};

const rejection = async (promise: Promise<unknown>): Promise<LensError> => {
  const error: unknown = await promise.then(() => new Error("was fulfilled"), (reason: unknown) => reason);
  expect(error).toBeInstanceOf(LensError);
  return error as LensError;
};

const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 5));

describe("a channel", () => {
  it("answers requests in any number at once, each with its own result", async () => {
    const { client } = conversation();
    const answers = await Promise.all([1, 2, 3].map((n) => client.request("double", { n })));
    expect(answers).toEqual([2, 4, 6]);
  });

  it("brings a handler's error back as the LensError it was", async () => {
    const error = await rejection(conversation().client.request("fail", null));
    expect(error).toMatchObject({ code: "DATA_SHAPE", message: "x has 3 axes.", hint: "Give one with 2." });
  });

  it("answers also when a handler throws nothing at all, or returns what cannot be sent", async () => {
    const { client } = conversation();
    expect((await rejection(client.request("throwNothing", null))).code).toBe("INTERNAL");
    expect((await rejection(client.request("uncloneable", null))).code).toBe("INTERNAL");
  });

  it("answers an unknown name and never reaches a prototype", async () => {
    const { left, right, sent } = conversation();
    for (const name of ["nothing", "constructor", "toString"]) left.post({ kind: "request", id: 9, name, value: null });
    await settled();
    const answers = sent.slice(3);
    expect(answers).toHaveLength(3);
    for (const answer of answers) expect(answer).toMatchObject({ kind: "error", id: 9, error: { code: "PROTOCOL_REQUEST" } });
    right.post("noise");
    right.post({ kind: "result", id: 77, value: 1 });
    await settled();
  });

  it("rejects a request whose parameters cannot be sent", async () => {
    const { client } = conversation();
    expect((await rejection(client.request("double", { n: (() => 1) as never }))).code).toBe("INTERNAL");
  });

  it("passes an abort on and waits for the one answer", async () => {
    const { client, aborted } = conversation();
    const controller = new AbortController();
    const answer = rejection(client.request("wait", null, controller.signal));
    await settled();
    expect(aborted).toEqual([]);
    controller.abort();
    expect(isCancelled(await answer)).toBe(true);
    expect(aborted).toEqual(["wait"]);
  });

  it("sends nothing when the signal was aborted before", async () => {
    const { client, sent } = conversation();
    expect(isCancelled(await rejection(client.request("double", { n: 1 }, AbortSignal.abort())))).toBe(true);
    expect(sent).toEqual([]);
  });

  it("rejects everything that waits when it is closed, and everything asked afterwards", async () => {
    const { client, server, aborted } = conversation();
    const waiting = [rejection(client.request("wait", null)), rejection(client.request("wait", null))];
    await settled();
    const reason = new LensError("WORKER_CRASH", "The worker ended.", "Run it again.");
    client.close(reason);
    client.close(cancelled());
    expect(await Promise.all(waiting)).toEqual([reason, reason]);
    expect(await rejection(client.request("double", { n: 1 }))).toBe(reason);
    server.close(reason);
    expect(aborted).toEqual(["wait", "wait"]);
  });

  it("carries events with typed arrays both ways, and none after it was closed", async () => {
    const { client, server, said, ticks } = conversation();
    client.emit("said", "hello");
    server.emit("tick", Float64Array.of(1, 2));
    await settled();
    expect(said).toEqual(["hello"]);
    expect(ticks).toEqual([Float64Array.of(1, 2)]);
    client.close(cancelled());
    server.emit("tick", Float64Array.of(3));
    await settled();
    expect(ticks).toHaveLength(1);
  });
});
