import { accessSync, constants } from "node:fs";
import { userInfo } from "node:os";

/** Names on PATH and places that packages use, the likeliest first. */
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"];
const PLACES = [
  "/usr/lib/chromium/chromium",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];
const VERSION_TIMEOUT_MS = 30_000;

interface PackageManager {
  program: string;
  commands: readonly (readonly string[])[];
  /** Refuses to run as root. */
  isForUsers?: boolean;
}

/** How each platform installs Chromium, and the X server without a screen on which it is seen. */
const PACKAGE_MANAGERS: readonly PackageManager[] = [
  {
    program: "apt-get",
    commands: [
      ["apt-get", "update"],
      ["apt-get", "install", "--yes", "--no-install-recommends", "chromium", "fonts-liberation", "xvfb"],
    ],
  },
  { program: "dnf", commands: [["dnf", "install", "--assumeyes", "chromium", "xorg-x11-server-Xvfb"]] },
  { program: "apk", commands: [["apk", "add", "chromium", "xvfb"]] },
  { program: "pacman", commands: [["pacman", "-Sy", "--noconfirm", "chromium", "xorg-server-xvfb"]] },
  {
    program: "zypper",
    commands: [["zypper", "--non-interactive", "install", "chromium", "xorg-x11-server-Xvfb"]],
  },
  { program: "brew", commands: [["brew", "install", "--cask", "chromium"]], isForUsers: true },
];

/** The path of a Chromium that starts, or undefined. `CHROMIUM` in the environment comes first. */
async function findChromium(): Promise<string | undefined> {
  const onPath = NAMES.map((name) => Bun.which(name)).filter((path) => path !== null);
  const candidates = [...(process.env.CHROMIUM ? [process.env.CHROMIUM] : []), ...onPath, ...PLACES];
  for (const candidate of candidates) {
    if (isExecutable(candidate) && (await starts(candidate))) return candidate;
  }
  return undefined;
}

/**
 * Finds Chromium, or installs it by the platform's package manager (as root, or by `sudo -n`).
 * @throws Error that says what to do by hand.
 */
export async function ensureChromium(): Promise<string> {
  const found = await findChromium();
  if (found) return found;
  await installBrowser();
  const installed = await findChromium();
  if (installed) return installed;
  throw new Error(
    "The browser tests need Chromium, and it could not be installed here. Install Chromium or Google Chrome, or set CHROMIUM to its path, and run this again.",
  );
}

/** Installs what the browser tests need, by the platform's package manager; what is there stays as it is. */
export async function installBrowser(): Promise<void> {
  const manager = PACKAGE_MANAGERS.find(({ program }) => Bun.which(program));
  if (manager) await install(manager);
}

async function install({ commands, isForUsers = false }: PackageManager): Promise<void> {
  const isRoot = userInfo().uid === 0;
  const prefix = isRoot || isForUsers ? [] : ["sudo", "-n"];
  for (const command of commands) {
    console.log(`Installing Chromium: ${[...prefix, ...command].join(" ")}`);
    const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const run = Bun.spawn([...prefix, ...command], { env: environment, stdout: "ignore", stderr: "pipe" });
    const errors = await new Response(run.stderr).text();
    if ((await run.exited) !== 0) console.error(errors.trim());
  }
}

/** A snap's stub is executable and starts nothing: only a version counts. */
async function starts(path: string): Promise<boolean> {
  const run = Bun.spawn([path, "--version"], {
    stdout: "ignore",
    stderr: "ignore",
    timeout: VERSION_TIMEOUT_MS,
  });
  return (await run.exited) === 0;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
