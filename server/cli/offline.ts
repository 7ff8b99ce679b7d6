import { AppError } from "../errors/app-error.ts";
import type { ApiClient } from "./api-client.ts";
import type { ConnectionOptions } from "./options.ts";

export async function connectOffline(options: ConnectionOptions): Promise<ApiClient> {
  throw new AppError("server_unreachable", options.data);
}
