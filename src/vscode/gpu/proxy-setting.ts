/** The value of any setting by its whole key. */
type ReadAny = (key: string) => unknown;

/**
 * What VS Code's own settings say of the network's proxy, under the names that the installer's program knows. They come before the variables
 * of the environment, as for VS Code itself; what is not set is left to those.
 */
export const proxyEnvironment = (read: ReadAny): Readonly<Record<string, string>> => {
  if (read("http.proxySupport") === "off") return {};
  const [proxy, without] = [read("http.proxy"), read("http.noProxy")];
  const direct = Array.isArray(without) ? (without as unknown[]).filter((host): host is string => typeof host === "string" && host !== "") : [];
  return {
    ...(typeof proxy === "string" && proxy !== "" ? { GLOBAL_AGENT_HTTPS_PROXY: proxy } : {}),
    ...(direct.length > 0 ? { GLOBAL_AGENT_NO_PROXY: direct.join(",") } : {}),
  };
};
