/** What may be masked in log lines because it looks like a secret; server/logs/masks.ts says how it is known. */
export const MASK_NAMES = [
  "secretFields",
  "authorization",
  "jwt",
  "privateKeys",
  "urlPasswords",
  "cardNumbers",
] as const;
export type MaskName = (typeof MASK_NAMES)[number];

/** Card numbers are not among them: long numbers of other kinds pass their check one time in ten. */
export const DEFAULT_MASKS: readonly MaskName[] = [
  "secretFields",
  "authorization",
  "jwt",
  "privateKeys",
  "urlPasswords",
];
