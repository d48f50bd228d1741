/** Title, artist, store: the file that is handed in with the song. */

import { exported, picture } from "./api.js";
import { byId, element } from "./element.js";
import { named, number, say } from "./say.js";

const TYPING_MS = 700;

/**
 * The form below the chosen picture. `stores` gives what the server offers, `lettered`
 * is told the address of a lettered picture (or null), `failed` what went wrong.
 */
export function release({ stores, lettered, failed, tell }) {
  const [form, title, artist, letter, store] =
    ["release", "title", "artist", "letter", "store"].map(byId);
  let job = null;
  let n = 1;
  let filled = null;
  let wait = 0;
  let running = new AbortController();
  let made = { key: "" }; // the lettered file that was made last: blob, name, url

  /** Shows the form for picture `at` of a job. */
  function show(next, at, image) {
    const other = filled !== next.id;
    const turned = other || n !== at || job?.pictures[at - 1]?.etag !== next.pictures[at - 1]?.etag;
    [job, n] = [next, at];
    if (other) {
      filled = job.id;
      title.value = job.song.title ?? "";
      artist.value = job.song.artist ?? "";
      letter.checked = false;
    }
    if (store.options.length !== stores().length) offer();
    if (image) byId("shelf-image").src = image;
    shelve();
    if (turned) preview();
  }

  function offer() {
    const before = store.value;
    store.replaceChildren(...stores().map(({ id, name }) => element("option", { value: id }, named("store.", id, name))));
    if (before) store.value = before;
    hint();
  }

  function hint() {
    const chosen = stores().find(({ id }) => id === store.value);
    if (!chosen) return;
    const size = `${number(chosen.width_px)} × ${number(chosen.height_px ?? chosen.width_px)} px`;
    byId("store-hint").textContent = say("release.store.hint", { size });
  }

  function shelve() {
    byId("shelf-title").textContent = title.value || say("release.untitled");
    byId("shelf-artist").textContent = artist.value;
  }

  function wishes() {
    if (!letter.checked || !title.value.trim()) return { store: store.value };
    return { store: store.value, title: title.value.trim(), artist: artist.value.trim() };
  }

  const keyOf = () => JSON.stringify([job.id, job.pictures[n - 1]?.etag, wishes()]);

  // What is seen is the very file that will be downloaded.
  async function preview() {
    running.abort();
    clearTimeout(wait);
    const now = (running = new AbortController());
    if (!wishes().title) return lettered(null);
    const key = keyOf();
    if (made.key === key) return lettered(made.url);
    try {
      const file = await exported(job.id, n, wishes(), now.signal);
      URL.revokeObjectURL(made.url);
      made = { key, ...file, url: URL.createObjectURL(file.blob) };
      return lettered(made.url);
    } catch (error) {
      if (error.name === "AbortError") return null;
      if (!error.retryS) return failed(error);
      // The server makes only so many files a minute.
      wait = setTimeout(preview, 1000 * error.retryS);
      return null;
    }
  }

  function typed() {
    shelve();
    clearTimeout(wait);
    wait = setTimeout(preview, TYPING_MS);
  }

  async function save(make) {
    byId("download").setAttribute("aria-busy", "true");
    try {
      const { blob, name } = await make();
      const address = URL.createObjectURL(blob);
      element("a", { href: address, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      tell(say("release.saved", { name }));
    } catch (error) {
      failed(error);
    } finally {
      byId("download").removeAttribute("aria-busy");
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (byId("download").getAttribute("aria-busy")) return;
    const file = made.key === keyOf() ? made : null;
    save(async () => file ?? exported(job.id, n, wishes()));
  });
  byId("original").addEventListener("click", () =>
    save(async () => {
      const stem = job.song.file_name.replace(/\.[^.]*$/, "") || "cover";
      return { blob: await picture(job.id, n), name: `${stem}-${n}.png` };
    }));
  title.addEventListener("input", typed);
  artist.addEventListener("input", typed);
  letter.addEventListener("change", () => {
    if (letter.checked && !title.value.trim()) title.focus();
    preview();
  });
  store.addEventListener("change", () => {
    hint();
    preview();
  });

  return {
    show,
    again() {
      if (store.options.length) offer();
      if (job) shelve();
    },
    clear() {
      running.abort();
      clearTimeout(wait);
      filled = job = null;
    },
  };
}
