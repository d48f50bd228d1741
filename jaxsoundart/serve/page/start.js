/** The beginning: a song chosen, dropped or recorded, and the options for it. */

import { byId, element } from "./element.js";
import { canRecord, record } from "./recorder.js";
import { clock, named, number, say, whenSpoken } from "./say.js";

/** `open` is given the song; `line` draws; `refused` is told which text says why there is none. */
export function start({ open, line, refused }) {
  const file = byId("file");
  const square = byId("square");
  let offered = null;
  let recorder = null;
  let timer = 0;

  byId("choose").addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    const [song] = file.files;
    file.value = "";
    if (song) open(song);
  });

  const empty = () => document.body.dataset.phase === "empty";
  // Anywhere on the page: the square only says so. A file dropped later opens nothing.
  addEventListener("dragover", (event) => {
    event.preventDefault();
    if (!empty() || recorder || square.classList.contains("over")) return;
    square.classList.add("over");
    line.show("wave");
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) leave();
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    const [song] = event.dataTransfer.files;
    const free = empty() && !recorder;
    leave();
    if (song && free) open(song);
  });

  function leave() {
    if (!square.classList.contains("over")) return;
    square.classList.remove("over");
    line.show("rest");
  }

  byId("record").hidden = !canRecord();
  byId("record").addEventListener("click", async () => {
    try {
      recorder = await record(line.level);
    } catch {
      return refused("problem.microphone");
    }
    const began = Date.now();
    const tick = () => (byId("recording-time").textContent = clock((Date.now() - began) / 1000));
    timer = setInterval(tick, 250);
    tick();
    showRecording(true);
    return byId("record-stop").focus();
  });
  byId("record-stop").addEventListener("click", async () => {
    try {
      open(await ended((one) => one.stop(`${say("record.name")} ${stamp()}.wav`)));
    } catch {
      refused("problem.recording");
    }
  });
  byId("record-drop").addEventListener("click", async () => {
    await ended((one) => one.drop());
    byId("record").focus();
  });

  async function ended(how) {
    clearInterval(timer);
    try {
      return await how(recorder);
    } finally {
      recorder = null;
      line.show("rest");
      showRecording(false);
    }
  }

  function showRecording(on) {
    byId("drop").hidden = on;
    byId("recording").hidden = !on;
  }

  /** Fills the options with what the server offers. */
  function offer(options) {
    offered = options;
    const { least, most, usual } = options.count;
    const count = byId("count");
    const before = count.value || usual;
    count.replaceChildren(
      ...Array.from({ length: most - least + 1 }, (_, n) =>
        element("option", { value: least + n }, number(least + n))));
    count.value = before;
    const atmosphere = byId("atmosphere");
    const chosen = atmosphere.value;
    atmosphere.replaceChildren(
      element("option", { value: "" }, say("options.atmosphere.each")),
      ...options.atmospheres.map((one) => element("option", { value: one }, named("atmosphere.", one))));
    atmosphere.value = chosen;
  }

  whenSpoken(() => offered && offer(offered));
  byId("options-form").addEventListener("submit", (event) => event.preventDefault());

  return {
    offer,
    /** Returns the order that goes with a song. */
    order() {
      const form = new FormData(byId("options-form"));
      const order = { hold: form.has("hold") };
      if (form.get("count")) order.count = Number(form.get("count"));
      for (const name of ["style", "negative", "atmosphere"])
        if (form.get(name)?.trim()) order[name] = form.get(name).trim();
      return order;
    },
  };
}

const stamp = () => new Date().toISOString().slice(0, 16).replace("T", " ").replace(":", ".");
