/** What the page shows of its state, part by part. */

import { byId } from "./element.js";
import { heard } from "./heard.js";
import { line as silence } from "./line.js";
import { notice as notices } from "./notice.js";
import { pictures as gallery } from "./pictures.js";
import { pace as watch, underWay } from "./progress.js";
import { release as form } from "./release.js";
import { all, clock, number, say, write } from "./say.js";
import { waveform } from "./waveform.js";
import { drafts, words as editor } from "./words.js";

const PHASES = {
  waiting: "hearing", hearing: "hearing", words: "words", failed: "words",
  cancelled: "words", queued: "painting", painting: "painting", done: "done",
};

/** The phase the page is in: empty, sending, hearing, words, painting or done. */
export function phaseOf({ job, sending, apart, pending, resuming }) {
  if (sending !== null) return "sending";
  if (resuming) return "hearing";
  if (!job) return "empty";
  if (pending && !apart) return "hearing";
  return apart ? "words" : PHASES[job.state];
}

/** Binds the page's parts together; `acts` is what they may do. */
export function view(acts) {
  const notice = notices(byId("notice"));
  const wave = waveform(byId("wave"));
  const line = silence(byId("line"));
  const pace = watch();
  const pictures = gallery({ chosen: acts.chose });
  const words = editor(byId("words"), { changed: drafted, tell, most: acts.most });
  const release = form({
    stores: acts.stores, lettered: (url) => pictures.see(url), failed: acts.failed, tell,
  });
  let phase = "";
  let written = ""; // the words shown, as the server gave them
  let last = null;

  byId("cancel").addEventListener("click", acts.cancel);
  byId("paint").addEventListener("click", acts.paint);
  byId("over").addEventListener("click", acts.startOver);

  function show(state) {
    last = state;
    const next = phaseOf(state);
    if (next !== phase) enter(next, state);
    const { job } = state;
    byId("start").hidden = phase !== "empty";
    byId("work").hidden = !["sending", "hearing", "painting"].includes(phase);
    byId("choice").hidden = !["painting", "done"].includes(phase);
    byId("choice-title").hidden = phase !== "done";
    byId("release").hidden = phase !== "done";
    byId("again").hidden = byId("over-row").hidden = !["words", "done"].includes(phase);
    byId("wave").hidden = !(job?.waveform.length && ["hearing", "words", "painting", "done"].includes(phase));
    foot(state);
    if (phase !== "empty") work(state);
    if (job) named(job.song);
    else if (state.song) named({ file_name: state.song.name });
    if (!job) return;
    if (!byId("wave").hidden) wave.show(job, state.song);
    if (job.briefs.length) wordsOf(job);
    if (["painting", "done"].includes(phase)) painted(state);
  }

  function enter(next, state) {
    const first = phase === "";
    phase = next;
    if (next === "words" || next === "done") byId("again").open = next === "words";
    document.body.dataset.phase = next;
    if (next === "sending" || next === "hearing") line.show(next);
    else line.show("rest");
    if (first) return;
    if (next !== "empty") tell(say(`phase.${next}`));
    if (!state.job) return;
    scrollTo({ top: 0 });
    // Once what was pressed has gone: on to what comes next.
    requestAnimationFrame(() => {
      const had = document.activeElement;
      if (had.checkVisibility() && ![document.body, byId("notes")].includes(had)) return;
      const chosen = next === "done" && byId("thumbs").querySelector("input:checked");
      (chosen || byId("notes")).focus({ preventScroll: true });
    });
  }

  function named(song) {
    const [title, artist] = byId("sleeve-title").children;
    const { file_name: file, duration_s: seconds } = song;
    title.textContent = song.title ?? file.replace(/\.[^.]*$/, "");
    artist.textContent = [song.artist, seconds ? clock(seconds) : ""].filter(Boolean).join(" · ");
    document.title = `${title.textContent} – jaxsoundart`;
  }

  function work(state) {
    const { job, sending } = state;
    const at = phase === "painting" ? underWay(job, state.reached) : null;
    const about = at?.share ?? sending ?? 0;
    const moving = phase === "hearing" || (phase === "painting" && job.state === "queued");
    if (phase === "sending") line.show("sending", about);
    if (phase === "painting" && !moving) pace.at(about);
    const now = title(job, at);
    if (at && byId("work-title").textContent !== now) tell(now);
    byId("work-title").textContent = now;
    byId("work-detail").textContent = detail(state, at);
    byId("work-left").textContent = phase === "painting" ? pace.left() : "";
    const bar = byId("bar");
    bar.classList.toggle("moving", moving);
    if (moving) bar.removeAttribute("aria-valuenow");
    else bar.setAttribute("aria-valuenow", Math.round(100 * about));
    bar.firstElementChild.style.setProperty("--done", about);
  }

  function title(job, at) {
    if (phase === "sending") return say("work.sending");
    if (phase === "hearing") return say(job?.ahead ? "work.waiting" : "work.hearing");
    if (phase !== "painting") return "";
    if (job.state === "queued" || !at.share) return say(job.ahead ? "work.waiting" : "work.mixing");
    const count = job.briefs.length;
    const now = at.numbers.length ? at.numbers : [Math.min(count, job.pictures.length + 1)];
    if (now.length === count && count > 1) return say("work.painting.all", { count });
    return say("work.painting", { n: all(now.map(String)), all: count });
  }

  function detail({ job, sending }, at) {
    if (phase === "sending") return number(sending, { style: "percent" });
    if (job?.ahead) return say("work.ahead", { count: job.ahead });
    if (phase === "hearing") return say("work.hearing.detail");
    if (phase !== "painting") return "";
    if (!at.share || job.state === "queued") return say("work.mixing.detail");
    return at.first ? say("work.step", at.first) : "";
  }

  function wordsOf(job) {
    const given = JSON.stringify([job.id, job.briefs]);
    if (given === written) return;
    written = given;
    const own = sessionStorage.getItem(`words ${job.id}`);
    words.show(own && job.state === "words" ? JSON.parse(own) : drafts(job.briefs));
    label();
    if (job.hearing) heard(byId("heard"), job.hearing);
  }

  function painted(state) {
    pictures.show({ ...state, finished: phase === "done" });
    const brief = state.job.briefs[state.at - 1];
    byId("caption").textContent = brief?.prompt ?? "";
    if (phase === "done") release.show(state.job, state.at, pictures.address());
  }

  function foot({ offered, apart }) {
    document.body.classList.toggle("apart", apart);
    const limits = offered?.limits;
    byId("foot").textContent = limits
      ? say("page.foot", { count: number(Math.max(1, Math.round(limits.keep_s / 3600))) })
      : "";
  }

  function label() {
    byId("paint").querySelector("span").textContent = say("work.paint", { count: words.count() });
  }

  function drafted(words) {
    label();
    acts.drafted(words);
  }

  function tell(text) {
    byId("live").textContent = text;
  }

  /** Asks for the token; gives null if there is none. */
  function askToken(wrong) {
    const door = byId("door");
    byId("token").value = "";
    byId("door-wrong").textContent = wrong ? say("door.wrong") : "";
    if (!door.open) door.showModal();
    return new Promise((resolve) => {
      door.addEventListener("close", () => resolve(byId("token").value || null), { once: true });
    });
  }

  return {
    show, notice, pictures, words, pace, tell, askToken, line,
    /** Writes all anew, in another language. */
    again() {
      write(document);
      for (const part of [notice, wave, release, pictures]) part.again();
      if (!last?.job) return;
      words.again();
      label();
      if (last.job.hearing) heard(byId("heard"), last.job.hearing);
    },
    clear() {
      for (const part of [wave, pictures, release]) part.clear();
      written = "";
      byId("live").textContent = "";
      document.title = "jaxsoundart";
      byId("sleeve-title").firstElementChild.textContent = "";
      byId("sleeve-title").lastElementChild.textContent = "";
    },
    /** Goes back to where one begins. */
    rest() {
      const next = phase === "empty" ? byId("choose") : byId("paint");
      next.focus({ preventScroll: true });
    },
  };
}
