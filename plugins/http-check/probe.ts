import type { PluginContext } from "binnacle";

/** What is demanded of one address. */
export interface Demands {
  /** Empty: 200 to 299. */
  status: number[];
  /** Empty: none. */
  keyword: string;
  maxLatencyMs: number;
  timeoutMs: number;
}

export interface Probe {
  url: string;
  /** `slow`: well, but later than demanded. */
  outcome: "up" | "slow" | "down";
  status: number | null;
  /** To the head of the answer. */
  latencyMs: number | null;
  problem: string;
  /** ISO 8601. */
  at: string;
}

/** What is read of a page to find the keyword. */
const MAX_PAGE_BYTES = 1_024 * 1_024;

/** Asks one address; whatever goes wrong is its outcome. A redirect is an answer, not followed: its place may not be granted. */
export async function probe(url: string, demands: Demands, fetch: PluginContext["fetch"]): Promise<Probe> {
  const at = new Date().toISOString();
  const startedAt = performance.now();
  try {
    const response = await fetch(url, {
      redirect: "manual",
      timeoutMs: demands.timeoutMs,
      headers: { "user-agent": "Binnacle http-check", "cache-control": "no-cache" },
    });
    const latencyMs = Math.round(performance.now() - startedAt);
    const problem =
      wrongStatus(response.status, demands.status) ?? (await missingKeyword(response, demands.keyword));
    const late = latencyMs > demands.maxLatencyMs ? `took longer than ${demands.maxLatencyMs} ms` : "";
    const outcome = problem ? "down" : late ? "slow" : "up";
    return { url, outcome, status: response.status, latencyMs, problem: problem ?? late, at };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { url, outcome: "down", status: null, latencyMs: null, problem, at };
  }
}

function wrongStatus(status: number, wanted: readonly number[]): string | undefined {
  const isWell = wanted.length > 0 ? wanted.includes(status) : status >= 200 && status < 300;
  return isWell ? undefined : `answered with the status ${status}`;
}

async function missingKeyword(response: Response, keyword: string): Promise<string | undefined> {
  if (keyword === "") {
    await response.body?.cancel();
    return undefined;
  }
  const decoder = new TextDecoder();
  let [text, sizeBytes] = ["", 0];
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    sizeBytes += chunk.length;
    if (text.includes(keyword)) return undefined;
    if (sizeBytes > MAX_PAGE_BYTES) break;
  }
  return `does not hold "${keyword}"`;
}
