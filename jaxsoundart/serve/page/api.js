/** The server, as `/api/v1/openapi.json` describes it. */

const BASE = new URL("../api/v1/", import.meta.url);

let token = sessionStorage.getItem("token");
let askToken = async () => null;

/** What the server could not do: status 0 means that it did not answer. */
export class Problem extends Error {
  constructor(status, detail = "", retryS = 0) {
    super(detail || `status ${status}`);
    this.status = status;
    this.detail = detail;
    this.retryS = retryS;
  }
}

/** Sets who is asked for the token when the server wants one. */
export function whenLocked(ask) {
  askToken = ask;
}

/** Returns the answer to a request; throws `Problem` unless it is a good one. */
export async function request(path, init = {}) {
  for (let wrong = false; ; wrong = true) {
    let answer;
    try {
      const headers = { ...init.headers, ...authorization() };
      answer = await fetch(new URL(path, BASE), { ...init, headers });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Problem(0);
    }
    if (answer.ok) return answer;
    if (answer.status !== 401) throw await problem(answer);
    await unlock(wrong);
  }
}

export const options = async () => (await request("options")).json();

export const job = async (id) => (await request(`jobs/${id}`)).json();

export async function paint(id, briefs) {
  const body = JSON.stringify({ briefs });
  const headers = { "Content-Type": "application/json" };
  return (await request(`jobs/${id}/words`, { method: "PUT", body, headers })).json();
}

export const remove = (id) => request(`jobs/${id}`, { method: "DELETE", keepalive: true });

export const picture = async (id, n) => (await request(`jobs/${id}/pictures/${n}`)).blob();

/** Returns a store's file of a picture, and the name to keep it under. */
export async function exported(id, n, wishes, signal) {
  const query = new URLSearchParams(wishes);
  const answer = await request(`jobs/${id}/pictures/${n}/export?${query}`, { signal });
  return { blob: await answer.blob(), name: fileName(answer) };
}

/** Sends a song, telling `progress` the share that is sent; returns the new job. */
export async function send(song, order, progress, signal) {
  for (let wrong = false; ; wrong = true) {
    const answer = await post(song, order, progress, signal);
    if (answer.status === 202) return JSON.parse(answer.responseText);
    if (answer.status !== 401) throw posted(answer);
    await unlock(wrong);
  }
}

// fetch cannot tell how much of a body is sent; XMLHttpRequest can.
function post(song, order, progress, signal) {
  const form = new FormData();
  form.append("order", JSON.stringify(order));
  form.append("song", song, song.name);
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open("POST", new URL("jobs", BASE));
    for (const [name, value] of Object.entries(authorization()))
      xhr.setRequestHeader(name, value);
    xhr.upload.onprogress = (event) => progress(event.loaded / event.total);
    xhr.onload = () => resolve(xhr);
    xhr.onerror = () => reject(new Problem(0));
    xhr.onabort = () => reject(new DOMException("stopped", "AbortError"));
    signal.addEventListener("abort", () => xhr.abort());
    xhr.send(form);
  });
}

const authorization = () => (token ? { Authorization: `Bearer ${token}` } : {});

async function unlock(wrong) {
  token = await askToken(wrong);
  if (!token) throw new Problem(401);
  sessionStorage.setItem("token", token);
}

async function problem(answer) {
  const said = await answer.json().catch(() => ({}));
  const retryS = Number(answer.headers.get("Retry-After")) || 0;
  return new Problem(answer.status, said.detail, retryS);
}

function posted(xhr) {
  let said = {};
  try {
    said = JSON.parse(xhr.responseText);
  } catch {
    // Something between the server and the page answered in its own way.
  }
  return new Problem(xhr.status, said.detail, Number(xhr.getResponseHeader("Retry-After")));
}

function fileName(answer) {
  const header = answer.headers.get("Content-Disposition") ?? "";
  const encoded = header.match(/filename\*=UTF-8''([^;]+)/i);
  if (encoded) return decodeURIComponent(encoded[1]);
  return header.match(/filename="?([^";]+)"?/i)?.[1] ?? "cover.jpg";
}
