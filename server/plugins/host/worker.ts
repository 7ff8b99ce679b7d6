import { systemClock } from "../../lib/clock.ts";
import { attachToParent } from "../jail/attach.ts";
import { PluginHost } from "./plugin-host.ts";

/*
 * The thread that runs a plugin. It holds the channel itself, which saves every message two changes of threads; the
 * host's first thread only waits for its end (program.ts).
 */
new PluginHost(attachToParent(), systemClock);
