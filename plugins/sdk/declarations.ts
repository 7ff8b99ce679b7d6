import text from "./binnacle.d.ts.txt" with { type: "text" };

/** `binnacle.d.ts`: what an editor needs beside a plugin to know the module "binnacle" without a network. */
export const PLUGIN_DECLARATIONS: string = text;
