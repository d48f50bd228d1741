/** The words of each picture, to be changed phrase by phrase before they are painted. */

import { byId, element, icon } from "./element.js";
import { because } from "./evidence.js";
import { named, say } from "./say.js";

// As the server calls the reason of phrases that were written by hand.
const OWN = "your words";
const SIDES = ["prompt", "negative"];

/** Returns briefs of the server as drafts: lists of phrases with their reasons. */
export function drafts(briefs) {
  return briefs.map((brief) => {
    const reasons = new Map(
      (brief.reasons ?? []).map(({ phrase, side, evidence }) => [`${side}/${phrase}`, evidence]),
    );
    const phrases = (text, side) =>
      split(text).map((words) => ({ words, evidence: reasons.get(`${side}/${words}`) ?? OWN }));
    return {
      atmosphere: brief.atmosphere,
      prompt: phrases(brief.prompt, "prompt"),
      negative: phrases(brief.negative_prompt, "negative prompt"),
    };
  });
}

/** Returns drafts as the server wants them. */
export function briefs(all) {
  const joined = (phrases) => phrases.map(({ words }) => words).join(", ");
  return all.map(({ prompt, negative }) => ({
    prompt: joined(prompt),
    negative_prompt: joined(negative),
  }));
}

function split(text) {
  const found = text.split(/[,、，]/).map((part) => part.trim().replace(/\s+/g, " "));
  return [...new Set(found.filter(Boolean))];
}

/** Shows drafts below `root`; `changed` is called after each change, `tell` says it. */
export function words(root, { changed, tell, most }) {
  let all = [];
  let editing = null;

  function show(next) {
    all = next;
    editing = null;
    draw();
  }

  function draw() {
    root.replaceChildren(
      element("h2", {}, say("words.title")),
      element("p", { class: "hint" }, say("words.hint")),
      element("ol", { class: "tracks" }, ...all.map(track)),
      all.length < most() ? adding() : "",
    );
  }

  function adding() {
    return element("button", { type: "button", class: "link", id: "add-picture", click: () => {
      all.push(structuredClone(all.at(-1)));
      settle(say("words.picture.added", { n: all.length }), `picture-${all.length}`);
    } }, say("words.picture.add"));
  }

  function track(draft, n) {
    const name = `picture-${n + 1}`;
    return element("li", { class: "track" },
      element("h3", { id: name, tabindex: -1 },
        element("b", {}, String(n + 1)),
        element("span", {}, named("atmosphere.", draft.atmosphere ?? ""))),
      all.length > 1 ? element("button", {
        type: "button", class: "round small", "aria-label": say("words.picture.remove", { n: n + 1 }),
        click: () => {
          all.splice(n, 1);
          settle(say("words.picture.removed", { n: n + 1 }), `picture-${Math.min(n + 1, all.length)}`);
        },
      }, icon("close")) : null,
      ...SIDES.flatMap((side) => sideOf(draft, n, side)));
  }

  function sideOf(draft, n, side) {
    const label = say(`words.${side}`, { n: n + 1 });
    const rows = draft[side].map((phrase, place) => row(phrase, n, side, place));
    const place = draft[side].length;
    const add = isEditing(n, side, place)
      ? editor({ words: "", evidence: "" }, n, side, place)
      : element("li", {}, element("button", {
          type: "button", class: "add", id: idOf(n, side, place),
          "aria-label": say(`words.${side}.add`, { n: n + 1 }),
          click: () => edit(n, side, place),
        }, icon("plus"), place ? "" : say(`words.${side}.none`)));
    return [
      side === "negative" ? element("p", { class: "side" }, say("words.out")) : "",
      element("ul", { class: `phrases ${side}`, "aria-label": label }, ...rows, add),
    ];
  }

  function row(phrase, n, side, place) {
    if (isEditing(n, side, place)) return editor(phrase, n, side, place);
    return element("li", {}, element("button", {
      type: "button", class: "phrase", id: idOf(n, side, place), title: because(phrase.evidence),
      click: () => edit(n, side, place),
      keydown: (event) => {
        if (event.key === "Delete" || event.key === "Backspace") drop(n, side, place);
      },
    }, phrase.words));
  }

  function editor(phrase, n, side, place) {
    const fresh = place === all[n][side].length;
    const input = element("input", {
      value: phrase.words, id: "phrase", maxlength: 200, autocomplete: "off", lang: "en",
      spellcheck: "false", "aria-label": say("words.phrase"), "aria-describedby": "why",
      keydown: (event) => event.key === "Escape" && leave(n, side, place),
    });
    const submit = (event) => {
      event.preventDefault();
      keep(n, side, place, input.value);
    };
    return element("li", { class: "editing" },
      element("form", { class: "edit", submit },
        input,
        element("button", { class: "plain", id: "phrase-keep" }, say("words.keep")),
        fresh ? null : element("button", { type: "button", class: "plain", id: "phrase-remove", click: () => drop(n, side, place) }, say("words.remove")),
        element("p", { class: "why", id: "why" }, fresh ? say("words.new") : because(phrase.evidence))));
  }

  const isEditing = (n, side, place) => editing === idOf(n, side, place);

  function edit(n, side, place) {
    const moved = commit(n, side, place);
    editing = idOf(n, side, place + moved);
    draw();
    byId("phrase").focus();
    byId("phrase").select();
  }

  // Going on to another phrase keeps what was typed in this one; returns by how many
  // places that moves the phrase gone on to.
  function commit(toPicture, toSide, toPlace) {
    const [, n, side, place] = editing?.match(/^words-(\d+)-(\w+)-(\d+)$/) ?? [];
    if (!side) return 0;
    const phrases = all[n][side];
    const before = phrases.length;
    put(Number(n), side, Number(place), byId("phrase").value);
    const behind = Number(n) === toPicture && side === toSide && toPlace > Number(place);
    return behind ? phrases.length - before : 0;
  }

  function put(n, side, place, text) {
    const phrases = all[n][side];
    const before = phrases[place]?.words;
    if (text.trim() === before) return;
    const others = phrases.filter((_, other) => other !== place).map(({ words }) => words);
    const fresh = split(text).filter((words) => !others.includes(words));
    phrases.splice(place, 1, ...fresh.map((words) => ({ words, evidence: OWN })));
    changed(all);
  }

  function keep(n, side, place, text) {
    const fresh = place === all[n][side].length;
    put(n, side, place, text);
    editing = null;
    // Who adds a phrase often adds another.
    const next = fresh ? all[n][side].length : Math.min(place, all[n][side].length);
    settle("", idOf(n, side, next));
  }

  function leave(n, side, place) {
    editing = null;
    settle("", idOf(n, side, place));
  }

  function drop(n, side, place) {
    const [gone] = all[n][side].splice(place, 1);
    editing = null;
    settle(say("words.removed", { phrase: gone.words }), idOf(n, side, place));
  }

  function settle(told, focus) {
    changed(all);
    draw();
    byId(focus)?.focus();
    if (told) tell(told);
  }

  return {
    show,
    again: draw,
    count: () => all.length,
    /** Returns the drafts as they are, with what is being typed. */
    read() {
      commit();
      editing = null;
      draw();
      return all;
    },
  };
}

const idOf = (n, side, place) => `words-${n}-${side}-${place}`;
