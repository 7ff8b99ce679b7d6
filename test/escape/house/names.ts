/** Names that the suite's own name server knows; of them only `steady` was granted with the address it leads to. */
export const NAMES = {
  steady: "steady.escape.test",
  /** Leads to the cloud's metadata, then to this machine, and so on. */
  rebinding: "rebinding.escape.test",
  machine: "machine.escape.test",
  /** A public place, and this machine. */
  mixed: "mixed.escape.test",
} as const;

/** What `steady` leads to. */
export const STEADY_ADDRESS = "127.0.0.2";
