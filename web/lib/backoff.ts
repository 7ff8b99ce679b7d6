const BASE_MS = 500;
const CAP_MS = 20_000;

/**
 * How long to wait before reconnection attempt number `attempt` (from 1): exponential up to 20 s, the upper
 * half jittered so that the dashboards of a restarted server do not all return in the same instant.
 * `random` is in [0, 1).
 */
export function reconnectDelayMs(attempt: number, random: number): number {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** (attempt - 1));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
