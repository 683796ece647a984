/* Asks the browser, when its owner presses the button, for a subscription, and hands it to the house. */
const place = document.querySelector("[data-push]");
const known = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

async function subscribe() {
  const registration = await navigator.serviceWorker.register(place.dataset.worker);
  const ready = registration.active ? registration : await active(registration);
  const wanted = { userVisibleOnly: true, applicationServerKey: bytes(place.dataset.push) };
  const subscription = await ready.pushManager.subscribe(wanted);
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  const answer = await fetch(place.dataset.to, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify({ ...subscription.toJSON(), name: navigator.platform || "" }),
  });
  if (!answer.ok) throw new Error(String(answer.status));
}

function active(registration) {
  const worker = registration.installing || registration.waiting;
  return new Promise((resolve) => {
    worker.addEventListener("statechange", () => worker.state === "activated" && resolve(registration));
  });
}

if (place && known) {
  place.hidden = false;
  place.querySelector("button").addEventListener("click", async () => {
    try {
      await subscribe();
      location.reload();
    } catch {
      place.querySelector("[data-push-failed]").hidden = false;
    }
  });
}
