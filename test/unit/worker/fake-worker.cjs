// A worker that speaks the channel's wire format by hand and does what the request's model name says.
const { writeSync } = require("node:fs");
const mode = process.env.FAKE_WORKER ?? "";
if (mode === "dies at once") process.exit(7);

const beat = () => {
  const { user, system } = process.cpuUsage();
  writeSync(4, `${JSON.stringify({ cpu: user + system, io: 0, rss: process.memoryUsage.rss() })}\n`);
};
beat();

const answer = (id, value) => process.send({ kind: "result", id, value });
const fail = (id, code) => process.send({ kind: "error", id, error: { code, message: `it is ${code}`, hint: "do not" } });

const analyse = {
  "works.onnx": (id) => {
    process.send({ kind: "event", name: "progress", value: { fraction: 0.5, label: "half" } });
    console.error("a line of the runtime");
    answer(id, { model: "works.onnx", env: process.env.FAKE_WORKER });
  },
  "fails.onnx": (id) => fail(id, "DATA_SHAPE"),
  "crashes.onnx": () => {
    writeSync(2, "terminate called after throwing\nout of luck\n");
    process.kill(process.pid, "SIGSEGV");
  },
  "exits.onnx": () => process.exit(3),
  "obeys.onnx": () => undefined,
  "fills.onnx": () => {
    for (const held = []; ; ) held.push(new Array(10_000).fill(held.length));
  },
  // As a thread of its own would: the process works, and says so although its main thread says nothing.
  "computes.onnx": (id) => {
    for (let i = 0; i < 20; i++) {
      spin(75);
      beat();
    }
    answer(id, { model: "computes.onnx" });
  },
  // Native code: the thread never comes back to its messages.
  "blocks.onnx": () => {
    process.send({ kind: "event", name: "progress", value: { fraction: 0.1, label: "blocking" } });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
  },
};

const spin = (milliseconds) => {
  for (const end = performance.now() + milliseconds; performance.now() < end;);
};

let current = "";
process.on("message", (message) => {
  if (message.kind === "cancel") {
    if (current === "obeys.onnx") fail(message.id, "CANCELLED");
  } else if (message.name === "handshake") {
    if (mode === "silent") return;
    answer(message.id, { protocol: mode === "old" ? 0 : message.value.protocol, pid: process.pid });
  } else {
    current = message.value.request.model;
    analyse[current](message.id);
  }
});
process.on("disconnect", () => process.exit(0));
