import https from "node:https";

/**
 * Makes https work through a proxy. global-agent 4 tells what goes to a TLS server by an option that Node's own https does not set, and without
 * it compares the server's certificate with "localhost": every address is refused then. Here every request of https has the option. To be loaded
 * before global-agent, which keeps the functions that it finds.
 * @source gajus/global-agent, issue 83.
 */
const SECURE = { secureEndpoint: true };

/** `get` and `request` take (options, done?), (url, done?) or (url, options, done?). */
const securely = (send: typeof https.get): typeof https.get => {
  const own = send as (...args: unknown[]) => ReturnType<typeof https.get>;
  return (...args: readonly unknown[]) => {
    const [first, second] = args;
    const options = (value: unknown): object => ({ ...(typeof value === "object" ? value : {}), ...SECURE });
    if (typeof first !== "string" && !(first instanceof URL)) return own(options(first), ...args.slice(1));
    return typeof second === "function" ? own(first, options({}), second) : own(first, options(second), ...args.slice(2));
  };
};

https.get = securely(https.get);
https.request = securely(https.request);
