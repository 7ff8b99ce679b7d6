import type { Family } from "./attack.ts";
import { broker } from "./attacks/broker.ts";
import { browser } from "./attacks/browser.ts";
import { channel } from "./attacks/channel.ts";
import { code } from "./attacks/code.ts";
import { exhaustion } from "./attacks/exhaustion.ts";
import { files } from "./attacks/files.ts";
import { kernel } from "./attacks/kernel.ts";
import { network } from "./attacks/network.ts";
import { processes } from "./attacks/processes.ts";
import { runtime } from "./attacks/runtime.ts";

/** Every attack that a plugin makes, by family. */
export const FAMILIES: readonly Family[] = [
  files,
  code,
  runtime,
  processes,
  kernel,
  network,
  broker,
  browser,
  channel,
  exhaustion,
];

export const INSIDE_ATTACKS = FAMILIES.flatMap(({ attacks }) => attacks);
