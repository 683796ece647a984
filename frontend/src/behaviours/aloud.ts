/*
 * Reading a page aloud with the browser's own voice. The button ([data-aloud]) is hidden by the server and shown only
 * where there is such a voice. What is read is what is seen: the page's main part, in short pieces, because some browsers
 * fall silent in the middle of a long one.
 */
import { word } from "./words";

const PIECE = 160;

/** The text in pieces of at most 160 characters, cut where a sentence, else a clause, else a word ends. */
export function pieces(text: string): string[] {
  const found: string[] = [];
  for (const line of text.split(/\n+/)) {
    for (const sentence of line.match(/[^。！？；.!?;]+[。！？；.!?;]*/g) ?? []) {
      let rest = sentence.trim();
      while (rest.length > PIECE) {
        const cut = Math.max(...["，", "、", ",", " "].map((mark) => rest.lastIndexOf(mark, PIECE - 1)));
        const end = cut > 0 ? cut + 1 : PIECE;
        found.push(rest.slice(0, end).trim());
        rest = rest.slice(end).trim();
      }
      if (rest) found.push(rest);
    }
  }
  return found;
}

/** The voice for the page's language: one of the device's own before one of the net, so that nothing leaves the device. */
export function voiceFor(lang: string, voices: SpeechSynthesisVoice[]): SpeechSynthesisVoice | undefined {
  const start = lang.slice(0, 2).toLowerCase();
  const fitting = voices.filter((voice) => voice.lang.toLowerCase().startsWith(start));
  const mandarin = fitting.filter((voice) => /zh[-_](cn|hans)/i.test(voice.lang));
  const best = mandarin.length ? mandarin : fitting;
  return best.find((voice) => voice.localService) ?? best[0];
}

export function startAloud(): void {
  const button = document.querySelector<HTMLButtonElement>("button[data-aloud]");
  const main = document.getElementById("main");
  if (!button || !main || !("speechSynthesis" in window)) return;
  const voice = window.speechSynthesis;
  const label = button.querySelector("span");
  const show = (on: boolean) => {
    button.setAttribute("aria-pressed", String(on));
    if (label) label.textContent = word(on ? "aloud-stop" : "aloud");
  };
  const stop = () => {
    voice.cancel();
    show(false);
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-pressed") === "true") return stop();
    voice.cancel();
    const lang = document.documentElement.lang.startsWith("zh") ? "zh-CN" : "en-US";
    const said = pieces(main.innerText);
    const chosen = voiceFor(lang, voice.getVoices());
    said.forEach((text, n) => {
      const piece = new SpeechSynthesisUtterance(text);
      piece.lang = lang;
      if (chosen) piece.voice = chosen;
      piece.rate = 0.9;
      if (n === said.length - 1) piece.addEventListener("end", () => show(false));
      voice.speak(piece);
    });
    show(said.length > 0);
  });
  window.addEventListener("pagehide", stop);
}
