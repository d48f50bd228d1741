/** The pictures: forming, side by side, large. */

import { byId, element } from "./element.js";
import { picture } from "./api.js";
import { colourBy } from "./colour.js";
import { say } from "./say.js";

/** Shows a job's pictures; `chosen` is told which one is chosen by hand. */
export function pictures({ chosen }) {
  const thumbs = byId("thumbs");
  const large = byId("large");
  const viewer = byId("viewer");
  const loaded = new Map(); // number → {etag, url}
  let images = []; // by number: address of what there is to see, or null
  let prompts = [];
  let current = 1;
  let count = 0;
  let instead = null; // address of another file of the current picture

  /** Fetches what is new of a job's pictures; `ready` is called after each. */
  async function load(job, ready) {
    for (const { n, etag } of job.pictures) {
      const had = loaded.get(n);
      if (had?.etag === etag && had.id === job.id) continue;
      if (had) URL.revokeObjectURL(had.url);
      const fresh = { id: job.id, etag, url: null };
      loaded.set(n, fresh);
      try {
        fresh.url = URL.createObjectURL(await picture(job.id, n));
      } catch (error) {
        if (loaded.get(n) === fresh) loaded.delete(n);
        throw error;
      }
      ready();
    }
  }

  function show({ job, previews, at, finished }) {
    prompts = job.briefs.map((brief) => brief.prompt);
    const painted = new Set(job.pictures.map(({ n }) => n));
    const ready = (n) => painted.has(n) && loaded.get(n)?.id === job.id && loaded.get(n).url;
    const next = prompts.map((_, n) => ready(n + 1) || previews.get(n + 1) || null);
    if (count !== prompts.length) build(prompts.length);
    next.forEach((url, n) => url !== images[n] && put(n + 1, url));
    images = next;
    choose(Math.min(at, count), finished);
  }

  function build(wanted) {
    count = wanted;
    images = [];
    const [legend] = thumbs.children;
    const made = Array.from({ length: count }, (_, n) =>
      element("label", { class: "thumb" },
        element("input", { type: "radio", name: "picture", value: n + 1, change: () => chosen(n + 1) }),
        element("span", { class: "thumb-frame" }, element("img", { alt: "", hidden: true })),
        element("span", { class: "thumb-number" }, String(n + 1))));
    thumbs.replaceChildren(legend, ...made);
    again();
  }

  function put(n, url) {
    const image = thumbs.querySelectorAll("img")[n - 1];
    image.hidden = !url;
    if (url) image.src = url;
    else image.removeAttribute("src");
  }

  function choose(n, finished) {
    if (n !== current || !finished) instead = null;
    current = n;
    thumbs.querySelectorAll("input")[n - 1].checked = true;
    see(finished);
  }

  function see(finished) {
    const url = instead ?? images[current - 1];
    const image = large.firstElementChild;
    large.hidden = !url;
    large.disabled = !finished;
    large.setAttribute("aria-label", say("viewer.open", { n: current, prompt: prompts[current - 1] }));
    if (!url || image.getAttribute("src") === url) return;
    image.onload = () => colourBy(image);
    image.src = url;
  }

  function turn(by) {
    chosen(((current - 1 + by + count) % count) + 1);
    look();
  }

  function look() {
    byId("viewer-image").src = instead ?? images[current - 1] ?? "";
    byId("viewer-image").alt = say("viewer.alt", { n: current, prompt: prompts[current - 1] });
    byId("viewer-place").textContent = `${current} / ${count}`;
  }

  large.addEventListener("click", () => {
    look();
    viewer.showModal();
  });
  byId("viewer-back").addEventListener("click", () => turn(-1));
  byId("viewer-on").addEventListener("click", () => turn(1));
  byId("viewer-close").addEventListener("click", () => viewer.close());
  viewer.addEventListener("click", (event) => event.target === viewer && viewer.close());
  viewer.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") turn(-1);
    if (event.key === "ArrowRight") turn(1);
  });

  function again() {
    thumbs.querySelectorAll("input").forEach((input, n) =>
      input.setAttribute("aria-label", say("viewer.alt", { n: n + 1, prompt: prompts[n] ?? "" })));
  }

  return {
    load,
    show,
    again,
    /** Shows another file of the chosen picture at its place (a lettered one). */
    see(url) {
      instead = url;
      see(true);
    },
    address: () => images[current - 1],
    clear() {
      for (const { url } of loaded.values()) URL.revokeObjectURL(url);
      loaded.clear();
      images = [];
      instead = null;
      count = 0;
      large.hidden = true;
      large.firstElementChild.removeAttribute("src");
      thumbs.replaceChildren(thumbs.firstElementChild);
      colourBy(null);
    },
  };
}
