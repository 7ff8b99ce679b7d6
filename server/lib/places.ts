/** Places for what lasts as long as somebody likes, such as exports: so many at once, and never all of them for one. */
export class Places {
  readonly #most: number;
  readonly #mostEach: number;
  readonly #holders: string[] = [];

  constructor(most: number, mostEach: number) {
    this.#most = most;
    this.#mostEach = mostEach;
  }

  get taken(): number {
    return this.#holders.length;
  }

  /** Takes a place; the returned function gives it back, once. Undefined when there is none for `holder`. */
  take(holder: string): (() => void) | undefined {
    const own = this.#holders.filter((other) => other === holder).length;
    if (own >= this.#mostEach || this.#holders.length >= this.#most) return undefined;
    this.#holders.push(holder);
    return () => void this.#holders.splice(this.#holders.indexOf(holder), 1);
  }
}
