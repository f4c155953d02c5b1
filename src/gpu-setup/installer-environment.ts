/** A variable of a proxy as everybody names it, unless the installer's own is set. */
const proxyVariable = (name: string): Readonly<Record<string, string>> => {
  const value = process.env[`GLOBAL_AGENT_${name}`] ?? process.env[name] ?? process.env[name.toLowerCase()];
  return value === undefined ? {} : { [`GLOBAL_AGENT_${name}`]: value };
};

/** What processes of dist/gpu-installer.cjs have in their environment: this process's own, and the proxy under the name that global-agent knows. */
export const installerEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  ...proxyVariable("HTTPS_PROXY"),
  ...proxyVariable("NO_PROXY"),
});
