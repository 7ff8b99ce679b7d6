/** Places for what lasts as long as somebody likes, such as exports: so many at once, and never all of them for one. */
export class Places {
  readonly #most: number;
  readonly #mostEach: number;
  readonly #taken = new Set<{ holder: string }>();

  constructor(most: number, mostEach: number) {
    this.#most = most;
    this.#mostEach = mostEach;
  }

  get taken(): number {
    return this.#taken.size;
  }

  /** Takes a place; the returned function gives it back, however often it is called. Undefined when there is none for `holder`. */
  take(holder: string): (() => void) | undefined {
    const own = [...this.#taken].filter((place) => place.holder === holder).length;
    if (own >= this.#mostEach || this.#taken.size >= this.#most) return undefined;
    const place = { holder };
    this.#taken.add(place);
    return () => void this.#taken.delete(place);
  }
}
