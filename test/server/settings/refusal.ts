import { AppError } from "../../../server/errors/app-error.ts";

/** The error that a verb refuses with. @throws Error when it accepts, or fails otherwise. */
export async function refusalOf(work: Promise<unknown>): Promise<AppError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("It was accepted.");
}
