/** An empty word leaves the address. */
export const withoutEmpty = (words: Record<string, string>): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(words).map(([name, word]) => [name, word === "" ? undefined : word]));
