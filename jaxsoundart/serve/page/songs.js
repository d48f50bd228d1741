/** Keeps the songs of running jobs in this browser, so that a reload can still play them. */

const STORE = "songs";

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("jaxsoundart", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function within(mode, act) {
  try {
    const base = await opened();
    return await new Promise((resolve) => {
      const request = act(base.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(undefined);
    });
  } catch {
    // A private window keeps nothing: the song then plays until the page is left.
    return undefined;
  }
}

export const keep = (id, song) => within("readwrite", (store) => store.put(song, id));

export const kept = (id) => within("readonly", (store) => store.get(id));

export const forget = (id) => within("readwrite", (store) => store.delete(id));
