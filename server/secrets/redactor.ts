import { formsOf, MIN_REDACTED_LENGTH } from "./redaction-forms.ts";

/** What stands in place of a secret. */
export const REDACTED = "[redacted]";

/** Values remembered, replaced and removed ones included; far more than a server holds. */
const MAX_VALUES = 5_000;
const WINDOW = MIN_REDACTED_LENGTH;
const BLOCK = 2;
const TABLE_SIZE = 1 << 16;
const KEY_BYTES = 32;
/** A word that a key of our own JSON may be; exactly as such a key it stays, or the answer could not be read. */
const FIELD_NAME = /^[A-Za-z_]+$/;

/** A form of a value as it is remembered: not the text, only how long it is and what it hashes to. */
interface Fingerprint {
  length: number;
  digest: string;
  isWord: boolean;
}

/**
 * Finds secrets in text that is about to leave the process. It keeps fingerprints under a key of its own, not values.
 *
 * The search is Wu and Manber's ("A fast algorithm for multi-pattern searching", 1994) with blocks of two characters
 * over windows of six: on text without secrets it looks at about every fifth character, however many secrets there are.
 */
export class Redactor {
  readonly #key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  /** How far the window can move on, by the hash of its last block. */
  readonly #shifts = new Uint8Array(TABLE_SIZE).fill(WINDOW - BLOCK + 1);
  /** Fingerprints by the hash of their first window, the longest first. */
  readonly #fingerprints = new Map<number, Fingerprint[]>();
  readonly #known = new Set<string>();
  #longest = 0;

  /** Length of the longest form; 0 when nothing is remembered. */
  get longest(): number {
    return this.#longest;
  }

  /**
   * Looks for `value` from now on, in every usual encoding. One that is too short to be told from other text is not
   * looked for, and false is returned. A value is looked for until the process ends, also when the secret is gone.
   */
  remember(value: string): boolean {
    if (value.length < MIN_REDACTED_LENGTH) return false;
    const digest = this.#digest(value);
    if (this.#known.has(digest)) return true;
    if (this.#known.size >= MAX_VALUES) return false;
    this.#known.add(digest);
    for (const form of formsOf(value)) this.#add(form);
    return true;
  }

  /** The text with every secret in it replaced. */
  readonly scrub = (text: string): string => {
    if (this.#longest === 0 || text.length < WINDOW) return text;
    const pieces: string[] = [];
    let copied = 0;
    const shifts = this.#shifts;
    const last = text.length - WINDOW;
    for (let at = 0; at <= last; ) {
      const end = at + WINDOW;
      const shift = shifts[blockHash(text.charCodeAt(end - 2), text.charCodeAt(end - 1))] ?? 1;
      if (shift > 0) {
        at += shift;
        continue;
      }
      const length = this.#match(text, at);
      if (length === 0) {
        at++;
        continue;
      }
      pieces.push(text.slice(copied, at), REDACTED);
      at += length;
      copied = at;
    }
    return copied === 0 ? text : pieces.join("") + text.slice(copied);
  };

  #add(form: string): void {
    const hash = windowHash(form, 0);
    const bucket = this.#fingerprints.get(hash) ?? [];
    const fingerprint = { length: form.length, digest: this.#digest(form), isWord: FIELD_NAME.test(form) };
    if (bucket.some(({ digest }) => digest === fingerprint.digest)) return;
    bucket.push(fingerprint);
    bucket.sort((a, b) => b.length - a.length);
    this.#fingerprints.set(hash, bucket);
    for (let end = BLOCK; end <= WINDOW; end++) {
      const block = blockHash(form.charCodeAt(end - 2), form.charCodeAt(end - 1));
      this.#shifts[block] = Math.min(this.#shifts[block] ?? 0, WINDOW - end);
    }
    this.#longest = Math.max(this.#longest, form.length);
  }

  /** Length of the longest secret that begins at `at`; 0 for none. */
  #match(text: string, at: number): number {
    for (const { length, digest, isWord } of this.#fingerprints.get(windowHash(text, at)) ?? []) {
      if (at + length > text.length) continue;
      if (isWord && isFieldName(text, at, length)) continue;
      if (this.#digest(text.slice(at, at + length)) === digest) return length;
    }
    return 0;
  }

  #digest(text: string): string {
    return new Bun.CryptoHasher("sha256", this.#key).update(text).digest("hex");
  }
}

/**
 * The bytes of a stream of text with every secret replaced, also one that is cut in two by the stream. As much as the
 * longest secret is held back until more comes: for exports, not for what must arrive at once.
 */
export function redactStream(
  redactor: Redactor,
  body: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> {
  if (redactor.longest === 0) return body;
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let held = "";
  const pass = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const text = redactor.scrub(held + decoder.decode(chunk, { stream: true }));
      const cut = wholeCharacters(text, Math.max(0, text.length - redactor.longest));
      held = text.slice(cut);
      if (cut > 0) controller.enqueue(encoder.encode(text.slice(0, cut)));
    },
    flush(controller) {
      const text = redactor.scrub(held + decoder.decode());
      if (text !== "") controller.enqueue(encoder.encode(text));
    },
  });
  return body.pipeThrough(pass);
}

/** Not between the two halves of a character. */
const wholeCharacters = (text: string, cut: number): number =>
  /[\udc00-\udfff]/.test(text[cut] ?? "") ? cut - 1 : cut;

const isFieldName = (text: string, at: number, length: number): boolean =>
  text[at - 1] === '"' && text.startsWith('":', at + length);

const blockHash = (first: number, second: number): number => ((first << 5) ^ second) & (TABLE_SIZE - 1);

/** FNV-1a over the window. */
function windowHash(text: string, at: number): number {
  let hash = 0x811c9dc5;
  for (let index = at; index < at + WINDOW; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash;
}
