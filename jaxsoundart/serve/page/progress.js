/** How far the work is, and how long it will still take. */

import { number, say } from "./say.js";

const LEAST_S = 4;
const LEAST_SHARE = 0.03;

/**
 * Returns how far a painting is. Several pictures may be painted at once, or one by one.
 *
 * `reached` has the {step, steps} of each picture begun, by its number. What is returned:
 * the `numbers` being painted, the {step, steps} of the `first` of them if any, and the
 * `share` of all steps that is done, 0 to 1.
 */
export function underWay(job, reached) {
  const painted = new Set(job.pictures.map(({ n }) => n));
  const shares = job.briefs.map((_, n) => {
    const at = reached.get(n + 1);
    return painted.has(n + 1) ? 1 : at ? at.step / at.steps : 0;
  });
  const numbers = [...reached.keys()].filter((n) => !painted.has(n)).sort((a, b) => a - b);
  const first = reached.get(numbers[0]) ?? null;
  const share = shares.reduce((sum, one) => sum + one, 0) / shares.length;
  return { numbers, first, share };
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
