/** What a person reads when a provider sent them back without a sign-in, by the code in the address. */
const WORDS: Readonly<Record<string, string>> = {
  sign_in_refused:
    "That account may not sign in here. Ask an administrator to let it in, or sign in otherwise.",
  sign_in_expired: "That sign-in took too long or began in another browser. Begin again.",
  provider_failed: "The provider did not answer as it should. Try again in a moment.",
  provider_not_found: "There is no such provider any more.",
  rate_limited: "Too many attempts. Wait a minute, then try again.",
  identity_taken: "That account is linked to another user.",
};

/** Undefined for no code; an unknown code is still told. */
export function refusalWords(code: string): string | undefined {
  if (code === "") return undefined;
  return WORDS[code] ?? `The sign-in did not work (${code.replace(/[^a-z_]/g, "")}).`;
}
