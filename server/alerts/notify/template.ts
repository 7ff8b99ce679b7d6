/** What a template can name; `labels.NAME` besides, for each label of the alert. */
const TEMPLATE_NAMES = [
  "id",
  "type",
  "severity",
  "state",
  "message",
  "count",
  "route",
  "raisedAt",
  "occurrences",
] as const;
export type TemplateValues = Readonly<Record<(typeof TEMPLATE_NAMES)[number], string>> & {
  readonly labels: Readonly<Record<string, string>>;
};

const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;
const LABEL_PREFIX = "labels.";

/**
 * Fills `{{name}}` and `{{labels.NAME}}` in. There are no conditions, loops, calls or escapes, so that a template can
 * neither fail nor run; a label that the alert has not is empty.
 */
export function fillTemplate(template: string, values: TemplateValues): string {
  return template.replaceAll(PLACEHOLDER, (_match, inner: string) => {
    const name = inner.trim();
    if (name.startsWith(LABEL_PREFIX)) {
      const label = name.slice(LABEL_PREFIX.length);
      return Object.hasOwn(values.labels, label) ? (values.labels[label] ?? "") : "";
    }
    const known = TEMPLATE_NAMES.find((one) => one === name);
    return known === undefined ? "" : values[known];
  });
}

/** What is wrong with a template and at which character, in words; undefined when it is sound. */
export function templateProblem(template: string): string | undefined {
  let rest = template;
  for (const { 0: whole, 1: inner = "", index } of template.matchAll(PLACEHOLDER)) {
    const name = inner.trim();
    const isKnown = TEMPLATE_NAMES.some((one) => one === name) || /^labels\.[A-Za-z_][\w.-]*$/.test(name);
    if (!isKnown) {
      return `at character ${index + 1}: {{${name}}} is unknown; use ${TEMPLATE_NAMES.join(", ")} or labels.NAME`;
    }
    rest = rest.replace(whole, " ".repeat(whole.length));
  }
  const at = rest.search(/\{\{|\}\}/);
  return at === -1 ? undefined : `at character ${at + 1}: {{ and }} do not belong together`;
}
