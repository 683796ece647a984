// Lets the phone keep the app's shell; without a service worker everything works the same, with a signal.
const here = document.querySelector("script[data-worker]");
if ("serviceWorker" in navigator && here) {
  navigator.serviceWorker.register(here.dataset.worker, { scope: "/field/" }).catch(() => undefined);
}
