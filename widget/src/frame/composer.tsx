import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import type { Attached } from "./attachments";
import type { Chat } from "./chat";
import { Alert, Clip, Close, Doc, Send } from "./icons";

/** The hub takes no longer text. */
const LONGEST = 10_000;
/** Where a keyboard on the screen would cover the page, nothing is focused unasked. */
const HAS_KEYS = "(pointer: fine)";

export function Composer({ chat }: { chat: Chat }) {
  const { t } = chat.texts;
  const { attachments } = chat;
  const [text, setText] = useState(chat.draft);
  const box = useRef<HTMLTextAreaElement>(null);
  const files = useRef<HTMLInputElement>(null);
  const isReady = !attachments.isBusy && (text.trim() !== "" || attachments.all.some((file) => file.upload_id));

  // what another tab wrote, or took away by sending it
  useEffect(() => {
    if (document.activeElement !== box.current || !document.hasFocus()) setText(chat.draft);
  }, [chat.draft]);

  useEffect(() => {
    if (chat.isOpen && matchMedia(HAS_KEYS).matches) box.current?.focus();
  }, [chat.isOpen]);

  useLayoutEffect(() => {
    const element = box.current!;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);

  const write = (value: string) => {
    setText(value);
    chat.setDraft(value);
  };

  const send = () => {
    if (!isReady) return;
    chat.send(text.trim());
    setText("");
    box.current?.focus();
  };

  const keys = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.isComposing || event.shiftKey) return;
    if (chat.settings.sendKey === "mod+enter" && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    send();
  };

  return (
    <form class="composer" onSubmit={(event) => {
      event.preventDefault();
      send();
    }}>
      {attachments.all.length > 0 && (
        <ul class="attached">
          {attachments.all.map((file) => <Chip key={file.id} chat={chat} file={file} />)}
        </ul>
      )}
      <div class="write">
        <button class="icon" type="button" aria-label={t("attach")} title={t("attach")} onClick={() => files.current!.click()}><Clip /></button>
        <input ref={files} type="file" multiple hidden onChange={(event) => {
          attachments.add(event.currentTarget.files!);
          event.currentTarget.value = "";
          box.current?.focus();
        }} />
        <textarea
          ref={box} rows={1} value={text} maxLength={LONGEST} dir={text ? "auto" : undefined} enterkeyhint={chat.settings.sendKey === "mod+enter" ? "enter" : "send"}
          placeholder={t("placeholder")} aria-label={t("placeholder")}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={keys}
          onPaste={(event) => {
            const pasted = event.clipboardData?.files;
            if (!pasted?.length) return;
            event.preventDefault();
            attachments.add(pasted);
          }}
        />
        <button class="icon send" type="submit" aria-label={t("send")} title={attachments.isBusy ? t("uploading") : t("send")} aria-disabled={!isReady}><Send /></button>
      </div>
    </form>
  );
}

function Chip({ chat, file }: { chat: Chat; file: Attached }) {
  const { t } = chat.texts;
  const { error } = file;
  const told = !error ? "" : error.code === "too_large" ? t("too_large", { name: file.name, max: error.why })
    : error.code === "not_taken" ? t("not_taken", { name: file.name, why: error.why })
    : t("upload_failed", { name: file.name });
  return (
    <li class={error ? "failed" : ""}>
      {error ? <Alert /> : file.preview ? <img src={file.preview} alt="" /> : <Doc />}
      <span role={error ? "alert" : undefined}>{told || file.name}</span>
      {!error && !file.upload_id && <progress value={file.part} aria-label={file.name} />}
      <button class="icon" type="button" aria-label={t("remove", { name: file.name })} onClick={() => chat.attachments.remove(file.id)}><Close /></button>
    </li>
  );
}
