import type { Attachment } from "@turumba/realtime";

import { Avatar } from "./avatar";
import type { Chat } from "./chat";
import { Alert, Check, Checks, Clock, Doc, Pin } from "./icons";
import { local } from "./local";
import { isOwn, linked, type Item, type Tick } from "./thread";

const TICKS = { sending: Clock, sent: Check, seen: Checks, refused: Alert };

function Ticks({ chat, tick }: { chat: Chat; tick: Tick }) {
  const Icon = TICKS[tick];
  return <span class={`tick ${tick}`} title={chat.texts.t(tick)}><Icon /><span class="sr">{chat.texts.t(tick)}</span></span>;
}

function Text({ text }: { text: string }) {
  return (
    <p dir="auto">
      {linked(text).map((piece) => typeof piece === "string" ? piece
        : <a href={piece.href} target="_blank" rel="noopener noreferrer nofollow">{piece.text}</a>)}
    </p>
  );
}

/** The message that this one answers, in one line. */
function Quote({ chat, id }: { chat: Chat; id: string }) {
  const quoted = chat.messages.find((message) => message.id === id);
  if (!quoted) return null;
  const name = isOwn(quoted) ? chat.texts.t("you") : quoted.sender?.name ?? chat.texts.t("they");
  return <p class="quote" dir="auto"><b>{name}: </b>{quoted.content || quoted.attachments[0]?.filename || chat.texts.t("file")}</p>;
}

export function Message({ chat, item }: { chat: Chat; item: Item & { kind: "message" } }) {
  const { message, isFirst, isLast, tick } = item;
  const { t } = chat.texts;
  const own = isOwn(message);
  const name = own ? t("you") : message.sender?.name ?? chat.look?.team_name ?? t("they");
  return (
    <article class={`row ${own ? "own" : "other"} ${isFirst ? "first" : ""} ${isLast ? "last" : ""}`}>
      {!own && (isLast ? <Avatar name={name} picture={message.sender?.avatar_url} /> : <span class="avatar gap" />)}
      <div class="stack">
        {!own && isFirst ? <p class="name">{name}</p> : <span class="sr">{name}</span>}
        {message.attachments.map((file) => <File chat={chat} file={file} />)}
        {message.content && (
          <div class="bubble">
            {message.reply_to && <Quote chat={chat} id={message.reply_to} />}
            <Text text={message.content} />
          </div>
        )}
        {isLast && (
          <p class="meta">
            <time dateTime={message.created_at}>{chat.texts.time(message.created_at)}</time>
            {tick && <Ticks chat={chat} tick={tick} />}
          </p>
        )}
      </div>
    </article>
  );
}

/** A message that the hub has not stored yet, or has refused. */
export function Unsent({ chat, item }: { chat: Chat; item: Item & { kind: "unsent" } }) {
  const { entry, tick } = item;
  const { t } = chat.texts;
  const files = entry.payload.attachments?.length ?? 0;
  return (
    <article class={`row own first last unsent ${tick}`}>
      <div class="stack">
        <span class="sr">{t("you")}</span>
        {files > 0 && <span class="file"><Doc />{files > 1 ? `${files} × ` : ""}{t("file")}</span>}
        {entry.payload.content && <div class="bubble"><Text text={entry.payload.content} /></div>}
        <p class="meta">
          <Ticks chat={chat} tick={tick} />
          {tick === "refused" && (
            <>
              <span>{t("refused")}: {entry.error?.message}</span>
              <button type="button" onClick={() => chat.retry(entry)}>{t("retry")}</button>
              <button type="button" onClick={() => chat.discard(entry)}>{t("discard")}</button>
            </>
          )}
        </p>
      </div>
    </article>
  );
}

export function size(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1_000))} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function File({ chat, file }: { chat: Chat; file: Attachment }) {
  const { t } = chat.texts;
  const name = file.filename || t(file.type === "image" ? "image" : "file");
  if (file.type === "location" && file.latitude !== undefined) {
    const at = `${file.latitude},${file.longitude}`;
    return <a class="file" href={`geo:${at}?q=${at}`}><Pin />{t("place")}</a>;
  }
  if (!file.url) return <span class="file"><Doc />{name}</span>;
  const url = local(file.url);
  const link = { href: url, target: "_blank", rel: "noopener noreferrer" };
  if (file.type === "image") {
    return (
      <a class="picture" {...link}>
        <img src={local(file.thumbnail_url ?? file.url)} alt={name} loading="lazy" width={file.width} height={file.height} />
      </a>
    );
  }
  if (file.type === "audio") return <audio controls preload="none" src={url} aria-label={name} />;
  if (file.type === "video") return <video controls preload="metadata" src={url} aria-label={name} />;
  return <a class="file" {...link}><Doc /><span>{name}{file.file_size ? <small>{size(file.file_size)}</small> : null}</span></a>;
}
