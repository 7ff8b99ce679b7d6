import type { Labels } from "../data/types.ts";

/** The key of a series in Prometheus notation: `name` or `name{a="b",c="d"}`, labels sorted. */
export function seriesKey(name: string, labels: Labels): string {
  const parts = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}="${escapeValue(value)}"`);
  return parts.length === 0 ? name : `${name}{${parts.join(",")}}`;
}

function escapeValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

const ACRONYMS: Record<string, string> = { cpu: "CPU", http: "HTTP", io: "IO" };

/** A family name as a person reads it: `cpu_usage_percent` → `CPU usage`. The unit stands elsewhere. */
export function familyTitle(name: string): string {
  const words = name
    .replace(/_(percent|bytes_per_second|bytes|per_second|seconds|total)$/, "")
    .split("_")
    .map((word) => ACRONYMS[word] ?? word);
  const text = words.join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A series in a few words: the family and its label values. */
export function seriesTitle(name: string, labels: Labels): string {
  const values = Object.values(labels);
  return values.length === 0 ? familyTitle(name) : `${familyTitle(name)} · ${values.join(" · ")}`;
}
