import { render } from "preact";

import { textOn } from "../shared/colour";
import type { Init } from "../shared/port";
import { App } from "./app";
import { Chat } from "./chat";
import "./style.css";

function start(init: Init, port: MessagePort): void {
  const root = document.documentElement;
  const colour = init.settings.color ?? "#4f46e5";
  root.style.setProperty("--accent", colour);
  root.style.setProperty("--on-accent", textOn(colour));
  let isDue = false;
  const draw = () => {
    isDue = false;
    render(<App chat={chat} />, document.body);
  };
  const chat = new Chat(init, port, () => {
    // changes that come together are drawn together, also while the page is not shown
    if (isDue) return;
    isDue = true;
    queueMicrotask(draw);
  });
  chat.setTheme(init.settings.theme ?? "auto");
  void chat.translate();
}

// the page around the frame speaks once; from then on the port is ours alone
addEventListener("message", function first({ source, data, ports }: MessageEvent<{ turumba?: Init }>) {
  if (source !== parent || !data?.turumba || !ports[0]) return;
  removeEventListener("message", first);
  start(data.turumba, ports[0]);
});
