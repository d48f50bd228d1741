/** The page: one state, what changes it, and what shows it. */

import * as api from "./api.js";
import { byId } from "./element.js";
import { view } from "./view.js";
import { underWay } from "./progress.js";
import { follow } from "./stream.js";
import * as songs from "./songs.js";
import { preferred, say, speak, whenSpoken } from "./say.js";
import { start } from "./start.js";
import { briefs } from "./words.js";

const PAINTING = ["queued", "painting"];

const state = {
  offered: null, // what the server can do
  job: null, // as the server told it last
  song: null, // its file, where this browser has it
  sending: null, // share sent, 0 to 1, while it is
  apart: false, // the server no longer has the job; its words and song are here
  pending: null, // {words, asked}: to be painted as soon as the song is heard again
  previews: new Map(),
  reached: new Map(), // how far each picture is that was begun
  at: 1, // the picture looked at
  byHand: false, // chosen so
  resuming: false, // a job is named, and nothing known of it yet
};

let running = new AbortController();

const show = () => page.show(state);

const page = view({
  cancel,
  paint,
  startOver,
  chose(n) {
    state.at = n;
    state.byHand = true;
    show();
  },
  drafted: (all) => sessionStorage.setItem(`words ${state.job.id}`, JSON.stringify(all)),
  failed,
  stores: () => state.offered?.stores ?? [],
  most: () => state.offered?.count.most ?? 8,
});

const begin = start({
  open,
  line: page.line,
  refused: (key) => page.notice.show({ key }),
});

/** Takes a song and sends it. */
async function open(song) {
  const most = state.offered?.limits.upload_bytes;
  if (most && song.size > most) return failed(new api.Problem(413));
  if (!song.size) return failed(new api.Problem(415));
  await clear();
  state.song = song;
  return send(begin.order());
}

async function send(order) {
  running = new AbortController();
  const { signal } = running;
  page.notice.clear();
  state.sending = 0;
  show();
  try {
    const job = await api.send(state.song, order, sent, signal);
    if (signal.aborted) return api.remove(job.id);
    await songs.keep(job.id, state.song);
    if (state.job && state.apart) moveWords(state.job.id, job.id);
    state.apart = false;
    adopt(job);
    history.replaceState(null, "", `#${job.id}`);
    watch(job.id);
  } catch (error) {
    if (error.name !== "AbortError") failed(error, () => send(order));
  } finally {
    state.sending = null;
    show();
  }
}

function sent(share) {
  state.sending = share;
  show();
}

/** Follows a job to its end. */
async function watch(id) {
  running = new AbortController();
  const { signal } = running;
  const problem = await follow(id, { state: adopt, preview, lost, back }, signal);
  if (problem && !signal.aborted) gone(problem);
}

function adopt(job) {
  const before = state.job;
  state.job = job;
  state.resuming = false;
  if (job.state === "words" && state.pending && !state.pending.asked) {
    state.pending.asked = true;
    api.paint(job.id, state.pending.words).catch((error) => {
      state.pending = null;
      failed(error);
      show();
    });
  }
  if (!["waiting", "hearing", "words"].includes(job.state)) state.pending = null;
  if (PAINTING.includes(job.state) && !PAINTING.includes(before?.state)) newPainting();
  if (job.progress) reach(job.progress);
  if (!state.byHand && PAINTING.includes(job.state)) state.at = beingPainted();
  if (job.state === "done" && before?.state !== "done" && !state.byHand) state.at = 1;
  if (job.state === "failed" || job.state === "cancelled") return ended(job);
  page.pictures.load(job, show).catch(failed);
  return show();
}

function newPainting() {
  state.previews.clear();
  state.reached.clear();
  state.byHand = false;
  state.at = 1;
  page.pace.reset();
}

function preview({ picture, step, steps, image }) {
  state.previews.set(picture, image);
  reach({ picture, step, steps });
  if (!state.byHand) state.at = beingPainted();
  show();
}

function reach({ picture, step, steps }) {
  if (picture && steps) state.reached.set(picture, { step, steps });
}

/** The first picture being painted, or the one looked at where none is. */
const beingPainted = () => underWay(state.job, state.reached).numbers[0] ?? state.at;

function lost() {
  page.notice.show({ key: "problem.lost" });
}

function back() {
  if (page.notice.key() === "problem.lost") page.notice.clear();
}

/** The server has ended a job: its words stay, to be tried again. */
function ended(job) {
  if (job.state === "failed") {
    const kept = job.briefs.length && state.song;
    const key = kept ? "problem.failed.words" : "problem.failed";
    page.notice.show({ key, detail: job.error ?? "" });
  }
  leave();
}

/** The server does not have the job any more. */
function gone(problem) {
  if (problem.status !== 404) return failed(problem);
  const known = state.job?.briefs.length;
  page.notice.show({ key: known && state.song ? "problem.gone.words" : "problem.gone" });
  return leave();
}

/** Goes on without the server's job: back at its words, or at the start. */
function leave() {
  running.abort();
  state.pending = null;
  history.replaceState(null, "", location.pathname);
  if (!state.job?.briefs.length || !state.song) return clear();
  state.apart = true;
  state.previews.clear();
  page.pictures.clear();
  return show();
}

async function cancel() {
  const { job, sending } = state;
  running.abort();
  if (job && !state.apart) api.remove(job.id).catch(() => {});
  if (sending !== null && state.apart) state.sending = null;
  await leave();
  page.tell(say("work.cancelled"));
  page.rest();
}

/** Has the words painted. */
async function paint() {
  const words = briefs(page.words.read());
  if (words.some(({ prompt }) => !prompt)) return page.notice.show({ key: "problem.empty" });
  page.notice.clear();
  const { job } = state;
  if (!state.apart) {
    try {
      const next = await api.paint(job.id, words);
      // The events of a held job go on; those of a finished one have ended.
      if (job.state === "words") return state.job.state === "words" ? adopt(next) : null;
      running.abort();
      adopt(next);
      return next.state === "done" ? null : watch(job.id);
    } catch (error) {
      if (![404, 409].includes(error.status)) return failed(error, paint);
      state.apart = true;
    }
  }
  if (!state.song) return gone(new api.Problem(404));
  state.pending = { words, asked: false };
  return send({ count: words.length, hold: true });
}

async function startOver() {
  const { job, apart } = state;
  running.abort();
  if (job && !apart) api.remove(job.id).catch(() => {});
  await clear();
  page.rest();
}

async function clear() {
  running.abort();
  if (state.job) {
    songs.forget(state.job.id);
    sessionStorage.removeItem(`words ${state.job.id}`);
  }
  history.replaceState(null, "", location.pathname);
  Object.assign(state, {
    job: null, song: null, sending: null, apart: false, pending: null,
    previews: new Map(), reached: new Map(), at: 1, byHand: false, resuming: false,
  });
  page.clear();
  show();
}

function moveWords(from, to) {
  const kept = sessionStorage.getItem(`words ${from}`);
  if (kept) sessionStorage.setItem(`words ${to}`, kept);
  sessionStorage.removeItem(`words ${from}`);
  songs.forget(from);
}

/** Says what went wrong; `again` does it once more. */
function failed(error, again) {
  const { status, detail, retryS } = error;
  const limits = state.offered?.limits ?? {};
  const values = {
    mb: Math.round((limits.upload_bytes ?? 0) / 1e6),
    minutes: Math.round((limits.duration_s ?? 0) / 60),
  };
  const known = [0, 401, 404, 409, 413, 415, 422, 429, 503].includes(status);
  const key = known ? `problem.${status}` : "problem.other";
  if (!known && !(error instanceof api.Problem)) console.error(error);
  const said = [413, 422].includes(status) || !known ? detail : "";
  if (again && retryS) page.notice.show({ key, values, retry: { seconds: retryS, act: again }, acts: [["problem.now", again], ["problem.stop", cancel]] });
  else if (again && status === 0) page.notice.show({ key, acts: [["problem.now", again]] });
  else page.notice.show({ key, values, detail: said });
}

/** Goes on with the job that the address names. */
async function resume() {
  const id = location.hash.slice(1);
  if (!/^[\w-]{8,64}$/.test(id) || id === state.job?.id) return;
  await clear();
  history.replaceState(null, "", `#${id}`);
  state.song = (await songs.kept(id)) ?? null;
  state.resuming = true;
  show();
  watch(id);
}

await speak(preferred());
for (const button of document.querySelectorAll("[data-language]"))
  button.addEventListener("click", () => speak(button.dataset.language));
whenSpoken(() => {
  page.again();
  show();
});
document.documentElement.dataset.ready = "";
show();
api.whenLocked(page.askToken);
addEventListener("hashchange", resume);
resume();
for (let wait = 1; !state.offered; wait = Math.min(8, 2 * wait)) {
  try {
    state.offered = await api.options();
    back();
  } catch (error) {
    if (error.status) failed(error);
    else lost();
    await new Promise((resolve) => setTimeout(resolve, 1000 * wait));
  }
}
begin.offer(state.offered);
show();
