import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

import type { Chat } from "./chat";
import { Down } from "./icons";
import { Message, Unsent } from "./message";

/** Pixels from the end within which the thread goes on following what is new. */
const NEAR = 80;

/** The thread. It follows new messages while its end is in sight, and says that there are some when it is not. */
export function Log({ chat, hasForm, children }: { chat: Chat; hasForm: boolean; children: ComponentChildren }) {
  const { t } = chat.texts;
  const box = useRef<HTMLDivElement>(null);
  const place = useRef({ atEnd: true, height: 0, first: "", last: "" });
  const [hasNews, setNews] = useState(false);
  const shown = chat.items;
  const { look } = chat;

  const toEnd = () => box.current!.scrollTo({ top: box.current!.scrollHeight });

  useLayoutEffect(() => {
    const element = box.current!;
    const before = place.current;
    const first = chat.messages[0]?.id ?? "";
    const last = shown.at(-1)?.key ?? "";
    // older messages above push nothing away
    if (before.first && first !== before.first && !before.atEnd) element.scrollTop += element.scrollHeight - before.height;
    else if (before.atEnd || shown.at(-1)?.kind === "unsent" && last !== before.last) toEnd();
    else if (last !== before.last) setNews(true);
    place.current = { ...before, height: element.scrollHeight, first, last };
  });

  // a keyboard on a phone makes the thread smaller, a picture that has loaded makes it longer
  useLayoutEffect(() => {
    const watch = new ResizeObserver(() => {
      if (place.current.atEnd) toEnd();
    });
    watch.observe(box.current!);
    watch.observe(box.current!.firstElementChild!);
    return () => watch.disconnect();
  }, []);

  const scrolled = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current!;
    place.current.atEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    place.current.height = scrollHeight;
    if (place.current.atEnd) setNews(false);
    if (scrollTop < NEAR && chat.hasOlder) void chat.older();
  };

  return (
    <div class="thread">
      <div class="scroll" ref={box} onScroll={scrolled} tabIndex={0} role="log" aria-live="polite" aria-relevant="additions">
        <div class="inside">
          {chat.hasOlder && <button class="older" type="button" onClick={() => void chat.older()}>{t("older")}</button>}
          {look && !chat.hasOlder && (
            <p class="welcome" dir="auto">{look.online ? look.welcome || t("welcome") : look.offline_message || t("away")}</p>
          )}
          {shown.map((item) => item.kind === "day" ? <h2 class="day" key={item.key}>{chat.texts.day(item.at)}</h2>
            : item.kind === "line" ? <p class="line" key={item.key}>{item.joined ? t("joined", { name: item.joined }) : t("resolved")}</p>
            : item.kind === "message" ? <Message key={item.key} chat={chat} item={item} />
            : <Unsent key={item.key} chat={chat} item={item} />)}
          {children}
          {chat.typing && !hasForm && (
            <div class="typing">
              <i /><i /><i /><span class="sr">{t("typing", { name: chat.typing })}</span>
            </div>
          )}
        </div>
      </div>
      {hasNews && (
        <button class="news" type="button" onClick={toEnd}><Down />{t("new_messages")}</button>
      )}
    </div>
  );
}
