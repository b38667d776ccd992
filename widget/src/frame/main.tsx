import { render } from "preact";

import { textOn } from "../shared/colour";
import type { Init } from "../shared/port";
import { App } from "./app";
import { Chat } from "./chat";
import "./style.css";

let chat: Chat;

async function start(init: Init, port: MessagePort): Promise<void> {
  const root = document.documentElement;
  const colour = init.settings.color ?? "#4f46e5";
  root.style.setProperty("--accent", colour);
  root.style.setProperty("--on-accent", textOn(colour));
  let isDue = false;
  const draw = () => {
    isDue = false;
    render(<App chat={chat} />, document.body);
  };
  const pretends = init.preview && (await import("./preview")).pretend(init.preview);
  // a preview begins anew with each change
  chat?.connection.close();
  chat = new Chat(init, port, () => {
    // changes that come together are drawn together, also while the page is not shown
    if (isDue) return;
    isDue = true;
    queueMicrotask(draw);
  }, pretends);
  chat.setTheme(init.settings.theme ?? "auto");
  void chat.translate();
}

// the page around the frame speaks once; from then on the port is ours alone
addEventListener("message", function first({ source, data, ports }: MessageEvent<{ turumba?: Init }>) {
  if (source !== parent || !data?.turumba || !ports[0]) return;
  if (!data.turumba.preview) removeEventListener("message", first);
  // which chat it is says our own address: for it the browser was told who may frame us
  const key = new URLSearchParams(location.search).get("key") ?? "";
  void start({ ...data.turumba, settings: { ...data.turumba.settings, key } }, ports[0]);
});
