import { eachLine, readNumbers } from "./fields.ts";

const COLUMNS = 11;
const MAX_INTERFACES = 1024;

/** Counters since the interface appeared. */
export interface InterfaceCounters {
  readonly interface: string;
  readonly receivedBytes: number;
  readonly receivedPackets: number;
  readonly receivedErrors: number;
  readonly sentBytes: number;
  readonly sentPackets: number;
  readonly sentErrors: number;
}

/**
 * Reads /proc/net/dev. The two header lines have no number after a colon and fall out by themselves. Older kernels
 * put no blank after the colon, and an alias (`eth0:1`) holds one itself: the last colon ends the name.
 */
export function parseNetDev(text: string): InterfaceCounters[] {
  const interfaces: InterfaceCounters[] = [];
  const columns = new Float64Array(COLUMNS);
  eachLine(text, (start, end) => {
    const colon = text.lastIndexOf(":", end);
    if (colon < start || interfaces.length === MAX_INTERFACES) return;
    if (readNumbers(text, colon + 1, columns) < COLUMNS) return;
    const [receivedBytes = 0, receivedPackets = 0, receivedErrors = 0] = columns;
    interfaces.push({
      interface: text.slice(start, colon).trim(),
      receivedBytes,
      receivedPackets,
      receivedErrors,
      sentBytes: columns[8] ?? 0,
      sentPackets: columns[9] ?? 0,
      sentErrors: columns[10] ?? 0,
    });
  });
  return interfaces;
}
