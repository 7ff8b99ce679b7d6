import { rm } from "node:fs/promises";

const TRIES = 20;
const PAUSE_MS = 50;

/** Removes a browser's profile; processes that are just dying may put a file back, so it is tried for a second. */
export async function removeProfile(folder: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await rm(folder, { recursive: true, force: true });
    } catch (error) {
      if (attempt === TRIES) throw error;
      await Bun.sleep(PAUSE_MS);
    }
  }
}
