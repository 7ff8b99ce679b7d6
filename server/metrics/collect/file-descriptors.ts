import { defineSeries } from "../series.ts";
import type { Collector, Measurement } from "./collector.ts";
import { readNumbers } from "./procfs/fields.ts";
import type { ProcFile } from "./procfs/proc-file.ts";

const OPEN = defineSeries("file_descriptors_open", {}, "count", "Open files of the whole machine.");
const LIMIT = defineSeries("file_descriptors_limit", {}, "count", "Open files the machine allows.");

/** file_descriptors_open and file_descriptors_limit. */
export class FileDescriptorCollector implements Collector {
  readonly name = "file-descriptors";
  readonly #file: ProcFile;

  constructor(fileNr: ProcFile) {
    this.#file = fileNr;
  }

  collect(): Measurement[] {
    const { open, limit } = parseFileNr(this.#file.read() ?? "");
    const measurements: Measurement[] = [];
    if (open !== undefined) measurements.push({ series: OPEN, value: open });
    if (limit !== undefined) measurements.push({ series: LIMIT, value: limit });
    return measurements;
  }
}

/**
 * Reads /proc/sys/fs/file-nr: allocated, allocated but unused, limit. A limit beyond 2^53 (newer systemd sets the
 * largest number there is) means that there is none, and is left out.
 */
export function parseFileNr(text: string): { open: number | undefined; limit: number | undefined } {
  const columns = new Float64Array(3);
  if (readNumbers(text, 0, columns) < columns.length) return { open: undefined, limit: undefined };
  const [allocated = 0, unused = 0, limit = 0] = columns;
  return {
    open: Math.max(0, allocated - unused),
    limit: limit <= Number.MAX_SAFE_INTEGER ? limit : undefined,
  };
}
