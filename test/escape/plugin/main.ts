import { definePlugin } from "binnacle";
import { INSIDE_ATTACKS } from "../attacks.ts";
import type { Targets } from "../targets.ts";
import { runAttack } from "./run-attack.ts";

/** The hostile plugin: makes the attack that it is told to. */
export default definePlugin({
  execute: async ({ name, targets }: { name: string; targets: Targets }, ctx) => {
    const attack = INSIDE_ATTACKS.find((one) => one.name === name);
    if (attack === undefined) throw new Error(`There is no attack ${name}.`);
    return runAttack(attack, targets, ctx);
  },
});
