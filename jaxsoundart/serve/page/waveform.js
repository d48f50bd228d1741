/** The song: its waveform, and the intro and the drop in it to be played. */

import { element, icon } from "./element.js";
import { clock, named, say } from "./say.js";

const BARS = 128;
const SPACE = "http://www.w3.org/2000/svg";

/** Shows songs below `root`. */
export function waveform(root) {
  const audio = new Audio();
  let shown = null;
  let url = null;
  let until = Infinity;
  let parts = {};

  /** Shows a job's song; `song` is its file, or null where only the server has it. */
  function show(job, song) {
    const same = shown?.job.id === job.id && shown.job.sections.length === job.sections.length;
    if (same && shown.song === song) return;
    if (shown?.song !== song) {
      audio.pause();
      URL.revokeObjectURL(url);
      url = song && URL.createObjectURL(song);
      if (url) audio.src = url;
      else audio.removeAttribute("src");
    }
    shown = { job, song };
    build();
  }

  function build() {
    const { job, song } = shown;
    const duration = job.song.duration_s;
    const peaks = resampled(job.waveform, BARS);
    const regions = job.sections.map((section, n) => region(section, n, duration, song));
    const seek = element("input", {
      type: "range", min: 0, max: duration, step: 0.1, value: 0, class: "wave-seek",
      "aria-label": say("wave.seek"), disabled: !song,
      input: () => {
        until = Infinity;
        audio.currentTime = Number(seek.value);
        tick();
      },
    });
    const play = element("button", { type: "button", class: "round", disabled: !song, click: toggle });
    const time = element("p", { class: "wave-time" });
    const bars = drawing(peaks, job.sections, duration);
    root.replaceChildren(
      element("div", { class: "wave-field" },
        element("div", { class: "wave-row over" }, ...regions.filter((_, n) => n % 2 === 0)),
        element("div", { class: "wave-bars" }, bars.svg, seek),
        element("div", { class: "wave-row under" }, ...regions.filter((_, n) => n % 2 === 1))),
      element("div", { class: "wave-play" }, play, time,
        song ? null : element("p", { class: "hint" }, say("wave.gone"))),
    );
    parts = { seek, play, time, played: bars.played, regions };
    tick();
  }

  function region(section, n, duration, song) {
    const name = named("section.", section.name);
    const span = `${clock(section.start_s)}–${clock(section.end_s)}`;
    const button = element("button", {
      type: "button", class: "region", disabled: !song,
      "aria-label": say("wave.part", { name, from: clock(section.start_s), to: clock(section.end_s) }),
      click: () => playFrom(section.start_s, section.end_s),
    }, icon("play"), element("span", {}, name), element("small", {}, span));
    const mark = element("i", { class: "region-mark" });
    const [left, right] = [section.start_s, section.end_s].map((s) => (100 * s) / duration);
    const box = element("div", { class: "region-box" }, mark, button);
    box.style.setProperty("--from", `${left}%`);
    box.style.setProperty("--wide", `${right - left}%`);
    return box;
  }

  function playFrom(start, end) {
    const inside = audio.currentTime >= start && audio.currentTime < end;
    if (!audio.paused && inside && until === end) return audio.pause();
    until = end;
    audio.currentTime = start;
    return audio.play().catch(unplayable);
  }

  function toggle() {
    until = Infinity;
    if (!audio.paused) audio.pause();
    else audio.play().catch(unplayable);
  }

  // The server reads more kinds of files than browsers play.
  function unplayable() {
    parts.time.textContent = say("wave.unplayable");
  }

  function tick() {
    if (!shown || !parts.seek) return;
    const { job } = shown;
    const now = audio.currentTime;
    if (now >= until && !audio.paused) audio.pause();
    const share = Math.min(1, now / job.song.duration_s);
    parts.played.style.clipPath = `inset(0 ${100 * (1 - share)}% 0 0)`;
    parts.seek.value = now;
    parts.seek.setAttribute("aria-valuetext", say("wave.at", { now: clock(now), all: clock(job.song.duration_s) }));
    parts.time.textContent = `${clock(now)} / ${clock(job.song.duration_s)}`;
    parts.play.replaceChildren(icon(audio.paused ? "play" : "pause"));
    parts.play.setAttribute("aria-label", say(audio.paused ? "wave.play" : "wave.pause"));
    if (!audio.paused) requestAnimationFrame(tick);
  }

  for (const event of ["play", "pause", "ended", "seeked"]) audio.addEventListener(event, tick);

  return {
    show,
    clear() {
      audio.pause();
      audio.removeAttribute("src");
      URL.revokeObjectURL(url);
      shown = url = null;
      parts = {};
      root.replaceChildren();
    },
    /** Writes it anew, in another language. */
    again() {
      if (shown) build();
    },
  };
}

function drawing(peaks, sections, duration) {
  const svg = document.createElementNS(SPACE, "svg");
  svg.setAttribute("viewBox", `0 0 ${BARS} 100`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const marked = peaks.map((_, n) => {
    const at = ((n + 0.5) / BARS) * duration;
    return sections.some((section) => at >= section.start_s && at < section.end_s);
  });
  const path = (name, wanted) => {
    const bars = document.createElementNS(SPACE, "path");
    bars.setAttribute("class", name);
    bars.setAttribute("d", peaks.map((peak, n) => (wanted(n) ? bar(peak, n) : "")).join(""));
    svg.append(bars);
    return bars;
  };
  path("wave-rest", (n) => !marked[n]);
  path("wave-marked", (n) => marked[n]);
  return { svg, played: path("wave-played", () => true) };
}

function bar(peak, n) {
  const half = Math.max(0.8, 50 * peak);
  return `M${n + 0.5} ${50 - half}V${50 + half}`;
}

/** Returns `count` values, each the highest of those it stands for. */
export function resampled(values, count) {
  return Array.from({ length: count }, (_, n) => {
    const from = Math.floor((n * values.length) / count);
    const to = Math.max(from + 1, Math.floor(((n + 1) * values.length) / count));
    return Math.max(...values.slice(from, to));
  });
}
