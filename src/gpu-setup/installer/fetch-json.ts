import https from "node:https";
import { text } from "node:stream/consumers";
import { createUnzip } from "node:zlib";
import type { FetchJson } from "../published.ts";

/** Other addresses that an answer may name, one after another. */
const MOST_REDIRECTS = 5;

/** What says that there is no such document; any other refusal (of a proxy, of a busy server) says nothing about it. */
const NOT_THERE: ReadonlySet<number | undefined> = new Set([404, 410]);

const REDIRECT: ReadonlySet<number | undefined> = new Set([301, 302, 303, 307, 308]);

const get = (url: string, redirects: number): Promise<unknown> =>
  new Promise((resolve, reject) => {
    if (!url.startsWith("https://")) throw new Error(`${url} is not https`);
    https.get(url, (response) => {
      const { statusCode, headers } = response;
      if (statusCode === 200) {
        const body = /gzip|deflate/.test(headers["content-encoding"] ?? "") ? response.on("error", reject).pipe(createUnzip()) : response;
        text(body).then((written): unknown => JSON.parse(written)).then(resolve, (error: unknown) => { reject(new Error(`${url}: ${String(error)}`)); });
        return;
      }
      response.resume();
      if (NOT_THERE.has(statusCode)) resolve(null);
      else if (REDIRECT.has(statusCode) && headers.location !== undefined && redirects > 0) get(new URL(headers.location, url).href, redirects - 1).then(resolve, reject);
      else reject(new Error(`${url}: HTTP status ${statusCode ?? "unknown"}`));
    }).on("error", reject);
  });

/** Over https only, by the agent of the process: through the proxy where global-agent was started. */
export const fetchJson: FetchJson = (url) => get(url, MOST_REDIRECTS);
