/** Why a phrase stands where it stands, in sentences instead of figures. */

import { named, say, spoken } from "./say.js";

// As in compose/lexicon.toml: BPM, Hz, dB, dB.
const BOUNDS = {
  tempo: [100, 130],
  brightness: [1800, 2500],
  loudness: [-22, -15],
  dynamics: [7, 13],
};

/** Returns a reason of the server ("genre jazz 0.71, key A minor") in human words. */
export function because(evidence) {
  const opposite = evidence.match(/^opposite of (.+?): /);
  if (opposite) return say("why.opposite", { phrase: opposite[1] });
  return evidence.split(", ").map(fact).join(spoken() === "ja" ? "" : " ");
}

function fact(text) {
  if (text === "your words") return say("why.own");
  if (text === "always") return say("why.always");
  if (text === "another scene") return say("why.another");
  if (text === "no known genre heard") return say("why.nogenre");
  if (/^--(prompt|style|negative)$/.test(text)) return say("why.asked");
  const unheard = text.match(/^not heard: genre (.+) [\d.]+$/);
  if (unheard) return say("why.unheard", { name: named("genre.", unheard[1]) });
  const atmosphere = text.match(/^atmosphere (.+)$/);
  if (atmosphere)
    return say("why.atmosphere", { name: named("atmosphere.", atmosphere[1]) });
  const left = text.match(/^no \w+ of (.+) left$/);
  if (left) return say("why.left", { name: named("genre.", left[1]) });
  return heard(text) ?? text;
}

function heard(text) {
  const [, doubt, head, name] =
    text.match(/^(unsure of |second )?(genre|instruments|mood|vocals) (.+) [\d.]+$/) ?? [];
  if (head === "genre") {
    const key = doubt ? (doubt.startsWith("unsure") ? "why.unsure" : "why.second") : "why.genre";
    return say(key, { name: named("genre.", name) });
  }
  if (head) return say("why.heard", { name: named(`${head}.`, name) });
  const [, trait, value] = text.match(/^(key|tempo|brightness|loudness|dynamics) (.+)$/) ?? [];
  if (trait === "key") return say("why.key", { name: key(value) });
  return trait ? say(`why.${trait}.${level(trait, Number.parseFloat(value))}`) : null;
}

/** Returns 0, 1 or 2: which third of usual music a value is in. */
const level = (trait, value) => BOUNDS[trait].filter((bound) => value >= bound).length;

/** Returns a key ("A minor") as the language calls it. */
export function key(text) {
  const [, tonic, mode] = text.match(/^([A-G][#b]?) (major|minor)$/) ?? [];
  if (!mode) return text;
  const sign = tonic.replace("#", "♯").replace("b", "♭");
  return say(`key.${mode}`, { tonic: sign });
}
