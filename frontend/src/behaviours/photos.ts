/*
 * Photos are made small on the phone before they travel: 1,600 px on the longer side, JPEG. The server checks and
 * re-encodes them again; this only saves the sender's minutes and megabytes. Without a script the plain file field works.
 */
import { word } from "./words";

export const LONGEST = 1600;

/** The size an image is drawn at: never enlarged, the longer side at most `longest` px. */
export function fit(width: number, height: number, longest = LONGEST): [number, number] {
  const scale = Math.min(1, longest / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

export function size(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export async function compress(file: File): Promise<File> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file; // a kind this browser cannot read: the server says what it thinks of it
  }
  const [width, height] = fit(bitmap.width, bitmap.height);
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d");
  if (!pen) return file;
  pen.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.82));
  if (!blob) return file;
  // always the drawn one, even when it is no smaller: where and with what it was taken stays behind
  return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
}

const chosen = new WeakMap<HTMLInputElement, File[]>();

function write(input: HTMLInputElement): void {
  const box = input.closest(".photo-field");
  const list = box?.querySelector<HTMLElement>(".photos");
  const said = box?.querySelector<HTMLElement>("[data-photo-said]");
  if (!list) return;
  const files = chosen.get(input) ?? [];
  const carry = new DataTransfer();
  for (const file of files) carry.items.add(file);
  input.files = carry.files;
  for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  list.replaceChildren(
    ...files.map((file, index) => {
      const item = document.createElement("li");
      item.className = "photo-item";
      const image = document.createElement("img");
      image.src = URL.createObjectURL(file);
      image.alt = word("photo-alt", { n: index + 1 });
      const note = document.createElement("span");
      note.className = "photo-size";
      note.textContent = size(file.size);
      const remove = document.createElement("button");
      remove.type = "button";
      remove.setAttribute("aria-label", word("photo-remove", { n: index + 1 }));
      remove.textContent = "✕";
      remove.addEventListener("click", () => {
        chosen.set(
          input,
          files.filter((_, other) => other !== index),
        );
        write(input);
        input.focus();
      });
      item.append(image, note, remove);
      return item;
    }),
  );
  list.hidden = !files.length;
  if (said) said.textContent = files.length ? word("photo-count", { n: files.length, max: input.dataset.max ?? "" }) : "";
  input.dispatchEvent(new CustomEvent("linli:photos", { bubbles: true }));
}

async function take(input: HTMLInputElement, files: File[]): Promise<void> {
  const max = Number(input.dataset.max ?? 5);
  const said = input.closest(".photo-field")?.querySelector<HTMLElement>("[data-photo-said]");
  if (said) said.textContent = word("photo-working");
  const kept = chosen.get(input) ?? [];
  const room = files.slice(0, Math.max(0, max - kept.length));
  const small: File[] = [];
  for (const file of room) small.push(await compress(file)); // one by one: an old phone has little memory
  chosen.set(input, [...kept, ...small]);
  write(input);
  if (said && files.length > room.length) said.textContent = word("photo-too-many", { max });
}

export function startPhotos(root: Document = document): void {
  // photos that the outbox kept, given back to their field as they were
  root.addEventListener("linli:give-photos", (event) => {
    const input = event.target as HTMLInputElement;
    chosen.set(input, (event as CustomEvent<File[]>).detail);
    write(input);
  });
  root.addEventListener("change", (event) => {
    const input = event.target as HTMLInputElement;
    if (input.matches?.("input[data-photos]") && input.files) void take(input, [...input.files]);
  });
  for (const kind of ["dragover", "dragleave", "drop"] as const) {
    root.addEventListener(kind, (event) => {
      const zone = (event.target as Element).closest?.<HTMLElement>(".photo-add");
      if (!zone) return;
      event.preventDefault();
      zone.classList.toggle("is-over", kind === "dragover");
      const input = zone.querySelector<HTMLInputElement>("input[data-photos]");
      if (kind === "drop" && input && event.dataTransfer) {
        void take(
          input,
          [...event.dataTransfer.files].filter((file) => file.type.startsWith("image/")),
        );
      }
    });
  }
}
