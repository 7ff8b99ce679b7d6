const MAX_FOUND = 1_000;
/** Between addresses in a text; splitting first keeps the time in proportion to the text. */
const BETWEEN = /[\s<>"'`()[\]{},;|\\]/;
const TRAILING = /[.:!?*_~]$/;
const LOCAL_PART = /^[A-Za-z0-9.!#$%&*+/=?^_~-]{1,64}$/;
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const MAX_WORD = 2_048;

/** Each e-mail address of the text once, in the order they come; the domain in small letters. */
export const emailsIn = (text: string): string[] => found(text, emailOf);

/** Each http or https address of the text once, in the order they come. */
export const urlsIn = (text: string): string[] => found(text, urlOf);

function found(text: string, read: (word: string) => string | undefined): string[] {
  const all = new Set<string>();
  for (const word of text.split(BETWEEN)) {
    if (word.length > MAX_WORD || all.size >= MAX_FOUND) continue;
    const one = read(withoutTrailing(word));
    if (one !== undefined) all.add(one);
  }
  return [...all];
}

function emailOf(word: string): string | undefined {
  const address = word.replace(/^mailto:/i, "");
  const at = address.lastIndexOf("@");
  const [local, domain] = [address.slice(0, Math.max(0, at)), address.slice(at + 1)];
  const labels = domain.split(".");
  const isName =
    labels.length > 1 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? "");
  const isLocal =
    LOCAL_PART.test(local) && !local.startsWith(".") && !local.endsWith(".") && !local.includes("..");
  return isName && isLocal ? `${local}@${domain.toLowerCase()}` : undefined;
}

function urlOf(word: string): string | undefined {
  const start = word.search(/https?:\/\//i);
  if (start < 0) return undefined;
  return URL.parse(word.slice(start))?.href;
}

function withoutTrailing(word: string): string {
  let end = word.length;
  while (end > 0 && TRAILING.test(word.slice(end - 1, end))) end--;
  return word.slice(0, end);
}
