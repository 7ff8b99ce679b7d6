import type { PluginContext } from "binnacle";

/** What is demanded of one address. */
export interface Demands {
  /** Empty: 200 to 299. */
  status: number[];
  /** Empty: none. */
  keyword: string;
  maxLatencyMs: number;
  timeoutMs: number;
  /** A certificate that ends sooner is a complaint. */
  minCertificateDays: number;
}

export interface Probe {
  url: string;
  /** `slow`: well, but later than demanded; `expiring`: well, but its certificate ends soon. */
  outcome: "up" | "slow" | "expiring" | "down";
  status: number | null;
  /** To the head of the answer. */
  latencyMs: number | null;
  /** Until the certificate ends; null without TLS. */
  certificateDays: number | null;
  problem: string;
  /** ISO 8601. */
  at: string;
}

const DAY_MS = 86_400_000;
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
    const { status, tls } = response;
    const certificateDays = tls ? Math.floor((tls.validTo - Date.now()) / DAY_MS) : null;
    const wrong = wrongStatus(status, demands.status) ?? (await missingKeyword(response, demands.keyword));
    const verdict = wrong
      ? { outcome: "down" as const, problem: wrong }
      : complaint(latencyMs, certificateDays, demands);
    return { url, status, latencyMs, certificateDays, at, ...verdict };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { url, outcome: "down", status: null, latencyMs: null, certificateDays: null, problem, at };
  }
}

/** What is not as demanded of an address that is well; the certificate first, for it becomes worse by itself. */
function complaint(
  latencyMs: number,
  certificateDays: number | null,
  { maxLatencyMs, minCertificateDays }: Demands,
): Pick<Probe, "outcome" | "problem"> {
  if (certificateDays !== null && certificateDays < minCertificateDays) {
    const days = certificateDays === 1 ? "1 day" : `${certificateDays} days`;
    return { outcome: "expiring", problem: `its certificate ends in ${days}` };
  }
  if (latencyMs > maxLatencyMs) return { outcome: "slow", problem: `took longer than ${maxLatencyMs} ms` };
  return { outcome: "up", problem: "" };
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
