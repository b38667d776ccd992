import { useEffect, useState } from "preact/hooks";

import type { Chat } from "./chat";
import { Composer } from "./composer";
import { Header } from "./header";
import { later } from "./later";
import { Log } from "./log";

const Form = later(() => import("./form").then((it) => it.Form));
const Rating = later(() => import("./rating").then((it) => it.Rating));

/** A break that heals at once is no news. */
const QUIET = 1_500;

export function App({ chat }: { chat: Chat }) {
  const { t } = chat.texts;
  const [isDropping, setDropping] = useState(false);
  const [isCut, setCut] = useState(false);

  useEffect(() => {
    if (chat.link === "live") return setCut(false);
    const timer = setTimeout(() => setCut(true), QUIET);
    return () => clearTimeout(timer);
  }, [chat.link === "live"]);

  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) chat.close();
    };
    document.addEventListener("keydown", key);
    return () => document.removeEventListener("keydown", key);
  }, []);

  const form = chat.form;
  const status = chat.isUnavailable ? t("unavailable")
    : isCut ? t(chat.look ? "reconnecting" : "connecting")
    : chat.place === 1 ? t("queue_next")
    : chat.place ? t("queue", { n: chat.place })
    : "";

  return (
    <main
      class={isDropping ? "app dropping" : "app"}
      data-drop={t("drop")}
      onDragOver={(event) => {
        if (!event.dataTransfer?.types.includes("Files") || form.length) return;
        event.preventDefault();
        setDropping(true);
      }}
      onDragLeave={(event) => {
        if (!event.relatedTarget) setDropping(false);
      }}
      onDrop={(event) => {
        if (!isDropping) return;
        event.preventDefault();
        setDropping(false);
        chat.attachments.add(event.dataTransfer!.files);
      }}
    >
      <Header chat={chat} />
      <p class={isCut ? "notice warn" : "notice"} role="status" hidden={!status}>{status}</p>
      {!chat.isUnavailable && (
        <>
          <Log chat={chat} hasForm={form.length > 0}>
            {form.length > 0 && <Form chat={chat} fields={form} />}
            {chat.isEnded && chat.conversation?.csat && <Rating chat={chat} csat={chat.conversation.csat} key={chat.conversation.id} />}
          </Log>
          {form.length === 0 && <Composer chat={chat} />}
        </>
      )}
    </main>
  );
}
