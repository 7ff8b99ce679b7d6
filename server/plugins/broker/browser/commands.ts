import { AppError } from "../../../errors/app-error.ts";

const MAX_COMMAND_BYTES = 1_024 * 1_024;

/**
 * What a plugin may send to its page: method → the parameters that are passed on. Whatever is not listed is refused or
 * left out: among them everything of Target, Browser, Fetch, Storage, IO and Security, downloads, permissions, and
 * the ways in which files enter a page (DOM.setFileInputFiles, Input.dispatchDragEvent, Page file choosers).
 */
const ALLOWED_COMMANDS: Readonly<Record<string, readonly string[]>> = {
  "Page.navigate": ["url", "referrer"],
  "Page.reload": ["ignoreCache"],
  "Page.stopLoading": [],
  "Page.getFrameTree": [],
  "Page.getLayoutMetrics": [],
  "Page.getNavigationHistory": [],
  "Page.captureScreenshot": ["format", "quality", "clip", "captureBeyondViewport", "optimizeForSpeed"],
  "Runtime.evaluate": ["expression", "returnByValue", "awaitPromise", "userGesture", "silent", "timeout"],
  "Runtime.callFunctionOn": [
    "functionDeclaration",
    "objectId",
    "arguments",
    "returnByValue",
    "awaitPromise",
    "userGesture",
    "silent",
  ],
  "Runtime.getProperties": ["objectId", "ownProperties", "accessorPropertiesOnly"],
  "Runtime.releaseObject": ["objectId"],
  "DOM.enable": [],
  "DOM.getDocument": ["depth", "pierce"],
  "DOM.querySelector": ["nodeId", "selector"],
  "DOM.querySelectorAll": ["nodeId", "selector"],
  "DOM.describeNode": ["nodeId", "backendNodeId", "objectId", "depth", "pierce"],
  "DOM.requestNode": ["objectId"],
  "DOM.resolveNode": ["nodeId", "backendNodeId"],
  "DOM.getAttributes": ["nodeId"],
  "DOM.getOuterHTML": ["nodeId", "backendNodeId", "objectId"],
  "DOM.getBoxModel": ["nodeId", "backendNodeId", "objectId"],
  "DOM.getContentQuads": ["nodeId", "backendNodeId", "objectId"],
  "DOM.focus": ["nodeId", "backendNodeId", "objectId"],
  "DOM.scrollIntoViewIfNeeded": ["nodeId", "backendNodeId", "objectId", "rect"],
  "DOM.setAttributeValue": ["nodeId", "name", "value"],
  "Input.dispatchKeyEvent": [
    "type",
    "modifiers",
    "text",
    "unmodifiedText",
    "code",
    "key",
    "windowsVirtualKeyCode",
    "nativeVirtualKeyCode",
    "autoRepeat",
    "isKeypad",
    "location",
  ],
  "Input.dispatchMouseEvent": [
    "type",
    "x",
    "y",
    "modifiers",
    "button",
    "buttons",
    "clickCount",
    "deltaX",
    "deltaY",
    "pointerType",
  ],
  "Input.dispatchTouchEvent": ["type", "touchPoints", "modifiers"],
  "Input.insertText": ["text"],
  "Emulation.setDeviceMetricsOverride": [
    "width",
    "height",
    "deviceScaleFactor",
    "mobile",
    "screenOrientation",
  ],
  "Emulation.clearDeviceMetricsOverride": [],
  "Emulation.setUserAgentOverride": ["userAgent", "acceptLanguage", "platform"],
  "Emulation.setEmulatedMedia": ["media", "features"],
  "Emulation.setLocaleOverride": ["locale"],
  "Emulation.setTimezoneOverride": ["timezoneId"],
  "Emulation.setTouchEmulationEnabled": ["enabled", "maxTouchPoints"],
  "Emulation.setScriptExecutionDisabled": ["value"],
  "Network.getCookies": [],
  "Network.clearBrowserCookies": [],
  "Network.clearBrowserCache": [],
  "Network.setExtraHTTPHeaders": ["headers"],
  "Network.setCacheDisabled": ["cacheDisabled"],
};

/** These say where a request goes, or belong to its connection: another Host would reach a neighbour of a granted site. */
const REFUSED_HEADERS =
  /^(?:host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|content-length|sec-.*)$/i;

/**
 * The parameters of a command that may be sent, freed of what is not listed.
 * @throws AppError `permission_denied` for a method that is not listed, `invalid_request` for parameters that are no object or too large
 */
export function allowedParameters(method: string, params: unknown): Record<string, unknown> {
  const names = Object.hasOwn(ALLOWED_COMMANDS, method) ? ALLOWED_COMMANDS[method] : undefined;
  if (!names) {
    throw new AppError(
      "permission_denied",
      `The browser permission does not hold the command ${method.slice(0, 80)}.`,
    );
  }
  const given = params ?? {};
  if (typeof given !== "object" || Array.isArray(given)) {
    throw new AppError("invalid_request", `The parameters of ${method} are an object.`);
  }
  const kept = Object.fromEntries(Object.entries(given).filter(([name]) => names.includes(name)));
  if (method === "Network.setExtraHTTPHeaders") assertHeaders(kept.headers);
  if (Buffer.byteLength(JSON.stringify(kept)) > MAX_COMMAND_BYTES) {
    throw new AppError("invalid_request", `A command to the browser has at most ${MAX_COMMAND_BYTES} bytes.`);
  }
  return kept;
}

function assertHeaders(headers: unknown): void {
  if (
    typeof headers !== "object" ||
    headers === null ||
    Object.values(headers).some((one) => typeof one !== "string")
  ) {
    throw new AppError("invalid_request", "Headers are an object of texts.");
  }
  const refused = Object.keys(headers).find((name) => REFUSED_HEADERS.test(name.trim()));
  if (refused !== undefined) {
    throw new AppError(
      "permission_denied",
      `The browser permission does not hold the header ${refused.slice(0, 80)}.`,
    );
  }
}
