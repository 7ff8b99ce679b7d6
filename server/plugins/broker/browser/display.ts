import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../../errors/app-error.ts";
import { cookiesOf } from "./x-authority.ts";

/** Where a visible browser opens its window. */
export interface BrowserDisplay {
  /** As in DISPLAY: `:0`. */
  name: string;
  /** What opens that display and no other, as an Xauthority file holds it; empty where nothing is asked. */
  authority: Uint8Array;
}

/** A display of this machine: one of another would be reached through a network, which the browser does not have. */
const LOCAL_DISPLAY = /^(?:unix)?:(\d{1,5})(?:\.\d{1,3})?$/;

/**
 * The X11 display of the server's own surroundings.
 * @param isAllowed whether this server's configuration lets browsers be seen (`plugins.visibleBrowser`)
 * @throws AppError `browser_unavailable` with what to do, when there is none that a browser can be shown on
 */
export function findDisplay(
  environment: Readonly<Record<string, string | undefined>>,
  isAllowed = true,
): BrowserDisplay {
  if (!isAllowed) {
    throw new AppError(
      "browser_unavailable",
      "This server shows no browser: set plugins.visibleBrowser in its configuration, or leave out visible.",
    );
  }
  const { DISPLAY: name = "", WAYLAND_DISPLAY: wayland = "" } = environment;
  if (name === "") {
    throw new AppError(
      "browser_unavailable",
      wayland === ""
        ? "There is no display for a visible browser: the server runs without DISPLAY. Start it with one, or leave out visible."
        : "A visible browser needs an X11 display: this server has WAYLAND_DISPLAY alone. Start it with the DISPLAY of Xwayland too, or leave out visible.",
    );
  }
  const [, number] = LOCAL_DISPLAY.exec(name) ?? [];
  if (number === undefined) {
    throw new AppError(
      "browser_unavailable",
      `A visible browser needs a display of this machine, such as :0; DISPLAY is ${JSON.stringify(name)}.`,
    );
  }
  return { name, authority: cookiesOf(readAuthority(environment), number) };
}

/** The file that opens displays; none is needed where the X server lets every local user in. */
function readAuthority({ XAUTHORITY, HOME }: Readonly<Record<string, string | undefined>>): Uint8Array {
  const path = XAUTHORITY || (HOME ? join(HOME, ".Xauthority") : "");
  try {
    return path === "" ? new Uint8Array() : readFileSync(path);
  } catch {
    // Whether it was needed is what the X server says to the browser.
    return new Uint8Array();
  }
}
