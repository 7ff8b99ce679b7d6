import { AppError } from "../../errors/app-error.ts";
import type { Voucher } from "../sessions.ts";
import type { Providers } from "./providers.ts";

/**
 * Where a browser that has just signed out goes to be signed out at the provider too; undefined when there is no such
 * place. A provider that is gone or does not answer keeps nobody from signing out here.
 */
export async function signOutUrlOf(
  voucher: Voucher | undefined,
  providers: Providers,
  returnTo: string,
): Promise<string | undefined> {
  if (!voucher) return undefined;
  try {
    return await providers.find(voucher.provider)?.signOutUrl(voucher.idToken, returnTo);
  } catch (error) {
    if (error instanceof AppError && error.code === "provider_failed") return undefined;
    throw error;
  }
}
