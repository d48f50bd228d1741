/** How far the work is, and how long it will still take. */

import { number, say } from "./say.js";

const LEAST_S = 4;
const LEAST_SHARE = 0.03;

/** Returns the share of all steps of all pictures that is done, 0 to 1. */
export function share({ picture, pictures, step, steps }) {
  if (!pictures || !steps) return 0;
  return Math.min(1, (Math.max(1, picture) - 1 + step / steps) / pictures);
}

/** Watches shares of one work go by; `left()` says how long the rest takes, or "". */
export function pace() {
  let first = null;
  let last = null;
  return {
    reset() {
      first = last = null;
    },
    at(done) {
      last = { done, s: performance.now() / 1000 };
      first ??= last;
    },
    left() {
      const done = last && last.done - first.done;
      const took = last && last.s - first.s;
      if (!last || took < LEAST_S || done < LEAST_SHARE) return "";
      return spoken(((1 - last.done) * took) / done);
    },
  };
}

function spoken(seconds) {
  if (seconds < 50) return say("left.s", { count: number(Math.max(5, 5 * Math.round(seconds / 5))) });
  return say("left.min", { count: number(Math.max(1, Math.round(seconds / 60))) });
}
