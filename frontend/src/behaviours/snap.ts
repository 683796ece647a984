/*
 * A report that begins with its photo: once it is chosen the form sends itself, with the place where the phone is. A phone that does
 * not know, or may not say, is waited for no longer than PATIENCE; the place is asked on a page of its own then.
 */
import { word } from "./words";

const PATIENCE = 6_000;
const FRESH = 60_000;

function position(): Promise<GeolocationPosition | null> {
  if (!navigator.geolocation) return Promise.resolve(null);
  return new Promise((done) => {
    // the browser's own question to the person does not count against its time-out: ours does
    const late = setTimeout(() => done(null), 2 * PATIENCE);
    const end = (found: GeolocationPosition | null) => {
      clearTimeout(late);
      done(found);
    };
    navigator.geolocation.getCurrentPosition(end, () => end(null), {
      enableHighAccuracy: true,
      timeout: PATIENCE,
      maximumAge: FRESH,
    });
  });
}

export function startSnap(root: Document = document): void {
  root.addEventListener("linli:photos", (event) => {
    const input = event.target as HTMLInputElement;
    const form = input.closest<HTMLFormElement>("form[data-snap]");
    if (!form || form.dataset.sending || !input.files?.length) return;
    const said = form.querySelector<HTMLElement>("[data-photo-said]");
    if (said) said.textContent = word("map-looking");
    void position().then((found) => {
      if (!input.files?.length) return; // taken out while we waited
      const write = (name: string, value: number) => {
        const field = form.elements.namedItem(name);
        if (field instanceof HTMLInputElement) field.value = String(value);
      };
      if (found) {
        write("lng", found.coords.longitude);
        write("lat", found.coords.latitude);
        write("accuracy", found.coords.accuracy);
      }
      form.requestSubmit();
    });
  });
}
