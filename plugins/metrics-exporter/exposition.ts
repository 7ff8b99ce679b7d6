/** The media type of Prometheus' text format, version 0.0.4. */
export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;

/**
 * Values by their keys, such as `disk_used_percent{mount="/"}`, as Prometheus' text format: each metric's series
 * together, under its type. Keys are in that format's notation already.
 */
export function exposition(
  metrics: Readonly<Record<string, number>>,
  { prefix = "", only = [] }: { prefix?: string; only?: readonly string[] } = {},
): { text: string; series: number } {
  const wanted = Object.entries(metrics).filter(
    ([key]) => only.length === 0 || only.some((beginning) => key.startsWith(beginning)),
  );
  const byName = Map.groupBy(wanted, ([key]) => NAME.exec(key)?.[0] ?? "");
  byName.delete("");
  const lines = [...byName]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, series]) => [
      `# TYPE ${prefix}${name} ${name.endsWith("_total") ? "counter" : "gauge"}`,
      ...series.map(([key, value]) => `${prefix}${key} ${value}`),
    ]);
  return { text: lines.map((line) => `${line}\n`).join(""), series: lines.length - byName.size };
}
