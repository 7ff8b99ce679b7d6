/** What is to be done when the last test file is through: ends what the files share. */
const endings: (() => Promise<void>)[] = [];

/** Has `end` awaited after the last test of the whole run. */
export const atEnd = (end: () => Promise<void>): void => void endings.push(end);

/** Called once: by the preload of the tests, or by a script at its end. */
export async function endShared(): Promise<void> {
  for (const end of endings.splice(0)) await end();
}
