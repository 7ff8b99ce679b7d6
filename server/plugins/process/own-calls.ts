/** The calls that one process has under way, by their correlation ids; calls of one request share theirs. */
export class OwnCalls {
  readonly #underWay = new Map<string, number>();

  /** Takes note of a call until the returned function is called. */
  begin(correlationId: string): () => void {
    this.#count(correlationId, 1);
    return () => this.#count(correlationId, -1);
  }

  /**
   * A line of the plugin's log as its broker takes it. The plugin says in which call it was written, and may not speak
   * for anybody else's: an id of no call of its own that is under way is left out, the line stays.
   */
  attributed(line: unknown): unknown {
    if (typeof line !== "object" || line === null || !("correlationId" in line)) return line;
    const { correlationId, ...unattributed } = line;
    const isOwn = typeof correlationId === "string" && this.#underWay.has(correlationId);
    return isOwn ? line : unattributed;
  }

  #count(correlationId: string, step: number): void {
    const count = (this.#underWay.get(correlationId) ?? 0) + step;
    if (count > 0) this.#underWay.set(correlationId, count);
    else this.#underWay.delete(correlationId);
  }
}
