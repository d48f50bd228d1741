/** What went wrong, as a sentence with what to do. */

import { element } from "./element.js";
import { say } from "./say.js";

/** Shows notices in `root`, one at a time. */
export function notice(root) {
  let timer = 0;
  let shown = null;

  function clear() {
    clearInterval(timer);
    shown = null;
    root.hidden = true;
    root.replaceChildren();
  }

  /**
   * Shows one: `key` of its text; `values` in it; `detail` that the server gave;
   * `acts`, a list of [key, function] for its buttons; `retry` {seconds, act} to count down.
   */
  function show(next) {
    clear();
    shown = next;
    const { key, values = {}, detail = "", acts = [], retry } = next;
    const buttons = acts.map(([label, act]) =>
      element("button", { type: "button", class: "plain", click: () => {
        clear();
        act();
      } }, say(label)));
    root.append(
      element("p", {}, say(key, values)),
      detail ? element("p", { class: "hint", lang: "en" }, detail) : "",
      retry ? counting(retry) : "",
      buttons.length ? element("div", { class: "actions" }, ...buttons) : "",
    );
    root.hidden = false;
  }

  function counting({ seconds, act }) {
    const end = Date.now() + 1000 * seconds;
    // Not spoken: a screen reader would count along.
    const line = element("p", { class: "countdown", "aria-live": "off" });
    const tick = () => {
      const count = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      line.textContent = say("problem.again", { count });
      if (count) return;
      clear();
      act();
    };
    timer = setInterval(tick, 250);
    tick();
    return line;
  }

  return { show, clear, again: () => shown && !shown.retry && show(shown), key: () => shown?.key };
}
