import { describe, expect, test } from "vitest";

import { pieces, voiceFor } from "../src/behaviours/aloud";

const voice = (lang: string, localService: boolean, name = lang) => ({ lang, localService, name }) as SpeechSynthesisVoice;

describe("reading aloud", () => {
  test("long text goes out in short pieces that lose nothing", () => {
    const text = `楼下路灯不亮。${"很长的一句话，".repeat(60)}\nThe lamp is out! Ring 12345?`;
    const found = pieces(text);
    expect(found.every((piece) => piece.length <= 160)).toBe(true);
    expect(found.join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
    expect(found[0]).toBe("楼下路灯不亮。");
    expect(pieces(" \n ")).toEqual([]);
  });

  test("the voice speaks the page's language, the device's own first", () => {
    const net = voice("zh-CN", false);
    const own = voice("zh-CN", true);
    const voices = [voice("en-US", true), voice("zh-HK", true), net, own];
    expect(voiceFor("zh-CN", voices)).toBe(own);
    expect(voiceFor("en-US", voices)?.lang).toBe("en-US");
    expect(voiceFor("zh-CN", [voice("en-US", true)])).toBeUndefined();
  });
});
