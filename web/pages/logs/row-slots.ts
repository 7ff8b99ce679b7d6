/**
 * Gives drawn lines places to be drawn in: lines that stay keep theirs, others take those that became free. A jump then
 * fills the rows that are there with other words, instead of making rows and throwing them away.
 */
export class RowSlots {
  #slots = new Map<number, number>();
  #made = 0;

  /** The slot of each line. @param ids numbers of the lines to draw, each once, in their order. */
  assign(ids: readonly number[]): ReadonlyMap<number, number> {
    const drawn = new Set(ids);
    const free = [...this.#slots].filter(([id]) => !drawn.has(id)).map(([, slot]) => slot);
    const slots = new Map<number, number>();
    let taken = 0;
    for (const id of ids) slots.set(id, this.#slots.get(id) ?? free[taken++] ?? this.#made++);
    this.#slots = slots;
    return slots;
  }
}
