import { useEffect, useRef, useState } from "preact/hooks";

import { Avatar } from "./avatar";
import type { Chat } from "./chat";
import { Close, End } from "./icons";

export function Header({ chat }: { chat: Chat }) {
  const { t } = chat.texts;
  const { look, agent } = chat;
  const [asks, setAsks] = useState(false);
  const yes = useRef<HTMLButtonElement>(null);
  const ask = useRef<HTMLButtonElement>(null);
  const canEnd = !!chat.conversation && !chat.isEnded;

  useEffect(() => {
    if (asks) yes.current?.focus();
  }, [asks]);

  const leave = () => {
    setAsks(false);
    ask.current?.focus();
  };

  return (
    <header>
      <div class="who">
        {(agent ?? look) && <Avatar name={agent?.name ?? look!.team_name} picture={agent?.avatar_url} />}
        <div>
          <h1>{agent?.name ?? look?.team_name ?? t("connecting")}</h1>
          {look && (
            <p class={look.online ? "there" : "away"}>
              {agent && look.team_name !== agent.name ? `${look.team_name} · ` : ""}{t(look.online ? "online" : "offline")}
            </p>
          )}
        </div>
        {canEnd && (
          <button ref={ask} class="icon" type="button" aria-label={t("end")} title={t("end")} aria-expanded={asks} onClick={() => setAsks(!asks)}>
            <End />
          </button>
        )}
        <button class="icon" type="button" aria-label={t("close")} title={t("close")} onClick={() => chat.close()}>
          <Close />
        </button>
      </div>
      {asks && canEnd && (
        <div
          class="ask" role="group" aria-label={t("end_question")}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            event.preventDefault();
            leave();
          }}
        >
          <span>{t("end_question")}</span>
          <button type="button" onClick={leave}>{t("cancel")}</button>
          <button ref={yes} class="yes" type="button" onClick={() => {
            setAsks(false);
            chat.end().catch(() => setAsks(true));
          }}>{t("end_yes")}</button>
        </div>
      )}
    </header>
  );
}
