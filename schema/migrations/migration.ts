/** One step of a schema: `tag` names it, `at` (epoch ms, growing) orders it, `sql` holds its statements. */
export interface Migration {
  tag: string;
  at: number;
  sql: string;
}

/** The journal that drizzle-kit keeps beside its files, as far as we read it. */
export interface MigrationJournal {
  entries: readonly { tag: string; when: number }[];
}

/**
 * Joins a journal with the texts of its files, oldest first.
 * @throws Error when a step of the journal has no text: a file was generated and not listed.
 */
export function migrationsFrom(
  journal: MigrationJournal,
  texts: Readonly<Record<string, string>>,
): readonly Migration[] {
  return journal.entries
    .map(({ tag, when }) => {
      const sql = texts[tag];
      if (sql === undefined) throw new Error(`The migration ${tag} is not embedded.`);
      return { tag, at: when, sql };
    })
    .sort((a, b) => a.at - b.at);
}
