const PREFIX = "/.well-known/acme-challenge/";

/** Answers to the questions of a certificate authority that are open now (HTTP-01, RFC 8555 §8.3). */
export class Challenges {
  readonly #answers = new Map<string, string>();

  /** @returns what ends it. */
  put(token: string, answer: string): () => void {
    this.#answers.set(token, answer);
    return () => this.#answers.delete(token);
  }

  /** The answer to whoever asks for this address; undefined when nobody was to. */
  find(url: string): string | undefined {
    if (this.#answers.size === 0) return undefined;
    const { pathname } = new URL(url);
    return pathname.startsWith(PREFIX) ? this.#answers.get(pathname.slice(PREFIX.length)) : undefined;
  }
}
