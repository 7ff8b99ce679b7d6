import { accessSync, constants, realpathSync } from "node:fs";
import { AppError } from "../../../errors/app-error.ts";

/** The browser itself where packages put it: a wrapper on PATH would add flags and an environment of its own. */
const PLACES = [
  "/usr/lib/chromium/chromium",
  "/usr/lib64/chromium-browser/chromium-browser",
  "/usr/lib/chromium-browser/chromium-browser",
  "/opt/google/chrome/chrome",
  "/opt/microsoft/msedge/msedge",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];
const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];

/**
 * Absolute path of the Chromium of this machine.
 * @throws AppError `browser_unavailable`
 */
export function findChromium(places: readonly string[] = PLACES, names: readonly string[] = NAMES): string {
  const found =
    places.find(isExecutable) ?? names.map((name) => Bun.which(name)).find((path) => path !== null);
  if (found) return realpathSync(found);
  throw new AppError(
    "browser_unavailable",
    "There is no Chromium on this machine. Install it by the package manager (apt-get install chromium) and try again.",
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
