import { AsyncLocalStorage } from "node:async_hooks";

/** Correlation id of the call in whose course something happens, for what is given no `ctx`: `console.log`. */
export const currentCall = new AsyncLocalStorage<string>();
