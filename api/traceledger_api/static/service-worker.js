// @ts-check
// Keeps all files of this version of a verifier site, so that it works without a network after one visit.
// Records of parts are never kept: each check uses the newest record, or a file of the reader's.
// verifier_site.py puts the version and the names of the files before this script.

/* global KEPT */

/** @import { FetchingEvent, KeepingEvent, WorkerScope } from "./types.d.ts" */

const worker = /** @type {WorkerScope} */ (/** @type {unknown} */ (self));

async function keep() {
  const cache = await caches.open(KEPT.version);
  await cache.addAll(["./", ...KEPT.files].map((file) => new Request(file, { cache: "no-cache" })));
  await worker.skipWaiting();
}

async function clear() {
  for (const version of await caches.keys()) if (version !== KEPT.version) await caches.delete(version);
  await worker.clients.claim();
}

/** @type {(request: Request) => Promise<Response>} */
const answer = async (request) => (await caches.match(request, { ignoreSearch: true })) ?? fetch(request);

worker.addEventListener("install", (/** @type {KeepingEvent} */ event) => event.waitUntil(keep()));
worker.addEventListener("activate", (/** @type {KeepingEvent} */ event) => event.waitUntil(clear()));
worker.addEventListener("fetch", (/** @type {FetchingEvent} */ event) => {
  const { request } = event;
  if (request.method === "GET" && new URL(request.url).origin === location.origin) event.respondWith(answer(request));
});
