import type { Family } from "./attack.ts";
import { broker } from "./attacks/broker.ts";
import { channel } from "./attacks/channel.ts";
import { code } from "./attacks/code.ts";
import { exhaustion } from "./attacks/exhaustion.ts";
import { files } from "./attacks/files.ts";
import { kernel } from "./attacks/kernel.ts";
import { network } from "./attacks/network.ts";
import { processes } from "./attacks/processes.ts";

/** Every attack that a plugin makes, by family. */
export const FAMILIES: readonly Family[] = [
  files,
  code,
  processes,
  kernel,
  network,
  broker,
  channel,
  exhaustion,
];

export const INSIDE_ATTACKS = FAMILIES.flatMap(({ attacks }) => attacks);
