/** A job's events, read by fetch so that the token can go with the request. */

import { Problem, request } from "./api.js";

const LONGEST_WAIT_S = 8;

/** Yields `{name, data}` for each event of a server-sent stream. */
export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const event = parse(block);
        if (event.data) yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function parse(block) {
  const event = { name: "message", data: "" };
  for (const line of block.split("\n")) {
    const [, field, value] = line.match(/^(\w+): ?(.*)$/) ?? [];
    if (field === "event") event.name = value;
    if (field === "data") event.data += (event.data && "\n") + value;
  }
  return event;
}

/**
 * Follows a job until it has ended, over lost connections and restarts of the server.
 *
 * Returns the `Problem` that ended it early (404: the job is gone), or null. A stream
 * tells the job's state first, so nothing is missed by beginning anew.
 */
export async function follow(id, { state, preview, lost, back }, signal) {
  let waitS = 0;
  for (;;) {
    try {
      const answer = await request(`jobs/${id}/events`, { signal });
      for await (const event of events(answer.body)) {
        if (waitS) back();
        waitS = 0;
        const data = JSON.parse(event.data);
        if (event.name === "preview") preview(data);
        if (event.name !== "state") continue;
        state(data);
        if (["done", "failed", "cancelled"].includes(data.state)) return null;
      }
    } catch (error) {
      if (signal.aborted) return null;
      // What the server refuses it refuses again; all else may pass.
      if (error instanceof Problem && error.status >= 400 && error.status < 500) {
        if (waitS) back();
        return error;
      }
    }
    if (signal.aborted) return null;
    waitS = Math.min(LONGEST_WAIT_S, 2 * waitS || 0.5);
    if (waitS > 0.5) lost();
    await pause(waitS, signal);
  }
}

/** Waits; ends at once when `signal` does. */
export function pause(seconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 1000 * seconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
