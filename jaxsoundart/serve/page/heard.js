/** What was heard, said with how sure it is. */

import { element } from "./element.js";
import { key } from "./evidence.js";
import { all, either, named, number, say } from "./say.js";

// As in compose: below this the best genre decides nothing; from here on a label counts.
const SURE = 0.35;
const HEARD = 0.5;

/** Shows a job's hearing below `root`. */
export function heard(root, hearing) {
  root.replaceChildren(
    element("h2", {}, say("heard.title")),
    element("dl", { class: "facts" }, ...facts(hearing)),
    ...nearest(hearing),
  );
}

function facts({ heads, tempo_bpm: tempo, key: tonality, unsure_heads: unsure }) {
  const genres = heads.genre ?? [];
  const made = [];
  if (genres.length) {
    const [best, ...others] = genres;
    const doubtful = unsure.includes("genre") || best.probability < SURE;
    const name = named("genre.", best.label);
    const near = others.slice(0, 2).map((other) => named("genre.", other.label));
    const note = doubtful && near.length
      ? say("heard.near", { names: either(near) })
      : say(certainty(best.probability));
    made.push(fact("heard.genre", doubtful ? say("heard.perhaps", { name }) : name, note));
  }
  if (tempo > 0)
    made.push(fact("heard.tempo", number(Math.round(tempo)), say("heard.bpm", { pace: say(pace(tempo)) })));
  else made.push(fact("heard.tempo", say("heard.free"), say("heard.nobeat")));
  if (tonality) made.push(fact("heard.key", key(tonality), ""));
  for (const head of ["instruments", "mood", "vocals"]) {
    const sure = (heads[head] ?? []).filter((label) => label.probability >= HEARD);
    const names = sure.slice(0, 3).map((label) => named(`${head}.`, label.label));
    if (names.length) made.push(fact(`heard.${head}`, all(names), say(certainty(sure[0].probability))));
  }
  return made;
}

function fact(label, value, note) {
  return element("div", {},
    element("dt", {}, say(label)),
    element("dd", {}, element("strong", {}, value), element("span", {}, note)));
}

function certainty(probability) {
  if (probability >= 0.75) return "sure.very";
  if (probability >= HEARD) return "sure.rather";
  return probability >= SURE ? "sure.little" : "sure.not";
}

function pace(tempo) {
  if (tempo < 100) return "pace.slow";
  return tempo < 130 ? "pace.moderate" : "pace.fast";
}

function nearest({ heads }) {
  const most = (heads.genre ?? []).slice(0, 4);
  if (!most.length) return [];
  const rows = most.map(({ label, probability }) => {
    const bar = element("i", { class: "share" });
    bar.style.setProperty("--share", probability);
    return element("li", {},
      element("span", {}, named("genre.", label)), bar,
      element("small", {}, number(probability, { style: "percent" })));
  });
  return [element("details", { class: "fold small" },
    element("summary", {}, say("heard.more")),
    element("ul", { class: "shares" }, ...rows))];
}
