import { uuid, type CannedResponse, type Conversation, type Id } from "@turumba/realtime";
import { Lock, MessageSquareText, Paperclip, Reply } from "lucide-react";
import {
  useEffect,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
  type ClipboardEvent,
  type KeyboardEvent,
  type Ref,
} from "react";
import { useTranslation } from "react-i18next";

import { useAgents, type Agent } from "@/api/lookups";
import { useAccount } from "@/app/account";
import { useInbox, useLive } from "@/app/live";
import { usePrefs } from "@/app/prefs";
import { useExternal } from "@/lib/external";
import { isMac } from "@/lib/shortcuts";
import { full, useNow } from "@/lib/time";
import { cx, IconButton, useToast } from "@/ui";
import { Quote } from "../thread/Quote";
import { keepDraft, NO_DRAFT, readDraft, type Mode } from "./drafts";
import { EmojiPicker } from "./EmojiPicker";
import { Files } from "./Files";
import { Hints } from "./Hints";
import { SendButton } from "./SendButton";
import { Suggestions } from "./Suggestions";
import { TemplatePicker } from "./TemplatePicker";
import { uploads } from "./uploads";
import { useProfile } from "./useProfile";
import { useSuggestions } from "./useSuggestions";
import { useTyping } from "./useTyping";
import { fill, mentioned } from "./variables";

export interface ComposerHandle {
  focus: (mode?: Mode) => void;
  addFiles: (files: readonly File[]) => void;
  /** Answers one message. */
  quote: (id: Id) => void;
  /** Puts a text back that could not be sent. */
  restore: (text: string, mode: Mode, replyTo?: Id) => void;
}

const MOST_FILES = 10;
const TALLEST = 240;

/** Where one writes: answers, and notes that look so different that nobody confuses them. */
export function Composer({ one, ref }: { one: Conversation; ref: Ref<ComposerHandle> }) {
  const { t, i18n } = useTranslation("inbox");
  const { account } = useAccount();
  const live = useLive();
  const toast = useToast();
  const agents = useAgents();
  const { sendKey } = usePrefs();
  const [draft, setDraft] = useState(() => readDraft(one.id));
  const [caret, setCaret] = useState(0);
  const [active, setActive] = useState(0);
  const [dismissed, setDismissed] = useState<number | null>(null);
  const [canned, setCanned] = useState<string | null>(null);
  /** Sends as soon as the files have arrived. */
  const [waits, setWaits] = useState<{ sendAt: Date | null } | null>(null);
  const box = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const listId = useId();
  const { text, mode, replyTo } = draft;
  const files = useExternal(uploads, (store) => store.of(one.id));
  const profile = useProfile(one);
  const endsAt = useInbox((store) => store.thread(one.id)?.replyWindowEndsAt ?? null);
  const now = useNow();
  const isWindowOver = endsAt !== null && now > Date.parse(endsAt);
  const { typed, stopped } = useTyping(one.id);
  const found = useSuggestions(one.id, text, caret, mode);
  const suggested = found && found.from !== dismissed ? found : null;
  const isNote = mode === "note";
  const isClosed = one.status === "closed";
  const isBlocked = !isNote && (isWindowOver || isClosed);
  const isUploading = files.some((file) => file.phase === "sending" || file.phase === "waiting");
  const hasFailed = files.some((file) => file.phase === "failed");
  const isEmpty = !text.trim() && !files.length;

  const change = (next: Partial<typeof draft>) => {
    const after = { ...draft, ...next };
    setDraft(after);
    keepDraft(one.id, after);
  };

  useLayoutEffect(() => {
    const area = box.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${Math.min(TALLEST, area.scrollHeight)}px`;
  }, [text, mode]);

  useEffect(() => setActive(0), [suggested?.from, suggested?.items.length]);

  const put = (next: string, at: number) => {
    change({ text: next });
    setCaret(at);
    // after React has put the text there
    requestAnimationFrame(() => {
      box.current?.focus();
      box.current?.setSelectionRange(at, at);
    });
  };

  const addFiles = (chosen: readonly File[]) => {
    if (!chosen.length) return;
    const room = Math.max(0, (profile?.max_attachments ?? MOST_FILES) - files.length);
    if (!isNote && profile?.max_attachments === 0) return toast.error(t("files.none"));
    // what a provider does not carry goes as a link
    const rules = profile?.dispatched ? [] : (profile?.media ?? []);
    const largest = Math.max(0, ...rules.map((rule) => rule.max_bytes));
    const fitting = chosen.filter((file) => isNote || !largest || file.size <= largest);
    if (fitting.length < chosen.length) {
      toast.error(t("files.tooLarge", { name: chosen.find((file) => !fitting.includes(file))!.name }));
    }
    if (fitting.length > room) toast.error(t("files.tooMany", { count: profile?.max_attachments ?? MOST_FILES }));
    uploads.add(one.id, account.account_id, fitting.slice(0, room));
    box.current?.focus();
  };

  useImperativeHandle(ref, () => ({
    focus(next) {
      if (next) change({ mode: next });
      box.current?.focus();
    },
    addFiles,
    quote(id) {
      change({ replyTo: id });
      box.current?.focus();
    },
    restore(back, next, to) {
      change({ text: draft.text ? `${back}\n${draft.text}` : back, mode: next, replyTo: to ?? draft.replyTo });
      box.current?.focus();
    },
  }));

  const send = (sendAt: Date | null = null) => {
    if (isEmpty || isBlocked || hasFailed) return;
    if (isUploading) return setWaits({ sendAt });
    live.send({
      conversation_id: one.id,
      client_message_id: uuid(),
      content: text.trim(),
      ...(isNote && { is_private: true, mentions: mentioned(text, agents) }),
      ...(files.length && { attachments: files.map((file) => ({ upload_id: file.uploadId! })) }),
      ...(canned && { canned_response_id: canned }),
      ...(replyTo && { reply_to: replyTo }),
      ...(sendAt && !isNote && { send_at: sendAt.toISOString() }),
    });
    stopped();
    uploads.clear(one.id);
    setCanned(null);
    setWaits(null);
    // a note is followed by an answer more often than by another note
    setDraft(NO_DRAFT);
    keepDraft(one.id, NO_DRAFT);
    setCaret(0);
    box.current?.focus();
  };

  useEffect(() => {
    if (waits && !isUploading) send(waits.sendAt);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [waits, isUploading]);

  const pick = (item: CannedResponse | Agent) => {
    if (!suggested) return;
    const isCanned = suggested.kind === "canned";
    const next = isCanned ? (item as CannedResponse).content : `@${(item as Agent).name} `;
    if (isCanned) setCanned(item.id);
    const filled = fill(text, suggested.from, caret, next);
    put(filled.text, filled.caret);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return;
    const isMod = isMac ? event.metaKey : event.ctrlKey;
    if (suggested?.items.length) {
      const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      if (step) {
        event.preventDefault();
        return setActive((at) => (at + step + suggested.items.length) % suggested.items.length);
      }
      if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") {
        event.preventDefault();
        return pick(suggested.items[active] ?? suggested.items[0]!);
      }
    }
    if (event.key === "Escape") {
      event.stopPropagation();
      if (suggested) setDismissed(suggested.from);
      else if (replyTo) change({ replyTo: undefined });
      else box.current?.blur();
      return;
    }
    if (isMod && event.key === "/") {
      event.preventDefault();
      return change({ mode: isNote ? "reply" : "note" });
    }
    const sends = event.key === "Enter" && (isMod || (sendKey === "enter" && !event.shiftKey && !event.altKey));
    if (sends) {
      event.preventDefault();
      send();
    }
  };

  const onPaste = (event: ClipboardEvent) => {
    const pasted = [...event.clipboardData.files];
    if (!pasted.length) return;
    event.preventDefault();
    addFiles(pasted);
  };

  return (
    <div className="shrink-0 px-3 pb-3">
      <div
        data-mode={mode}
        className={cx(
          "relative rounded-xl border transition-colors focus-within:ring-1",
          isNote
            ? "border-dashed border-note-line bg-note text-note-ink focus-within:ring-note-line"
            : "border-field bg-section focus-within:border-brand focus-within:ring-brand",
        )}
      >
        {suggested && (suggested.items.length > 0 || (suggested.kind === "canned" && suggested.isReady)) && (
          <Suggestions<CannedResponse | Agent>
            id={listId}
            label={t(suggested.kind === "canned" ? "composer.canned" : "composer.mention")}
            items={suggested.items}
            active={active}
            keyOf={(item) => item.id}
            render={(item) =>
              suggested.kind === "canned" ? <Canned response={item as CannedResponse} /> : (item as Agent).name
            }
            onPick={pick}
            onHover={setActive}
            empty={t("composer.noCanned")}
          />
        )}
        <Modes
          mode={mode}
          onMode={(next) => {
            change({ mode: next });
            box.current?.focus();
          }}
          via={t(`channels.${one.channel_type}`)}
        />
        {replyTo && (
          <div className="px-3.5 pt-1.5">
            <Quote id={replyTo} conversation={one.id} onRemove={() => change({ replyTo: undefined })} />
          </div>
        )}
        {isBlocked ? (
          <div className="px-3.5 py-3 text-muted">
            <p>{isClosed ? t("composer.closed") : t("composer.windowOver", { time: full(endsAt!, i18n.language) })}</p>
            {!isClosed && (
              <TemplatePicker
                one={one}
                onSend={({ content, template }) =>
                  live.send({ conversation_id: one.id, client_message_id: uuid(), content, metadata: { template } })
                }
              />
            )}
          </div>
        ) : (
          <textarea
            ref={box}
            rows={2}
            value={text}
            dir="auto"
            aria-label={t(isNote ? "composer.note" : "composer.reply")}
            placeholder={t(isNote ? "composer.notePlaceholder" : "composer.replyPlaceholder")}
            role="combobox"
            aria-expanded={suggested !== null && suggested.items.length > 0}
            aria-controls={listId}
            aria-autocomplete="list"
            aria-activedescendant={suggested?.items.length ? `${listId}-${active}` : undefined}
            onChange={(event) => {
              change({ text: event.target.value });
              setCaret(event.target.selectionStart);
              setDismissed(null);
              if (!isNote && event.target.value) typed();
              else stopped();
            }}
            onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
            onBlur={stopped}
            className={cx(
              "block w-full resize-none bg-transparent px-3.5 pt-1 pb-1.5 leading-relaxed outline-none focus-visible:outline-none",
              isNote && "placeholder:text-note-ink/80",
            )}
          />
        )}
        <Files conversation={one.id} accountId={account.account_id} files={files} />
        <div className="flex items-center gap-1 px-2 pt-0.5 pb-1.5">
          <IconButton
            label={t("composer.attach")}
            icon={<Paperclip />}
            size="sm"
            disabled={isBlocked}
            onClick={() => picker.current?.click()}
          />
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            aria-label={t("composer.attach")}
            onChange={(event) => {
              addFiles([...(event.target.files ?? [])]);
              event.target.value = "";
            }}
          />
          <EmojiPicker onPick={(sign) => put(text.slice(0, caret) + sign + text.slice(caret), caret + sign.length)} />
          <IconButton
            label={t("composer.canned")}
            shortcut="/"
            icon={<MessageSquareText />}
            size="sm"
            disabled={isBlocked}
            onClick={() => {
              const space = text && !/\s$/.test(text.slice(0, caret)) ? " /" : "/";
              setDismissed(null);
              put(text.slice(0, caret) + space + text.slice(caret), caret + space.length);
            }}
          />
          <span className="min-w-0 flex-1 px-1">
            <Hints one={one} text={text} mode={mode} profile={profile} />
            {!isNote && endsAt && !isWindowOver && (
              <span className="text-xs text-faint">{t("hints.window", { time: full(endsAt, i18n.language) })}</span>
            )}
          </span>
          <SendButton
            isNote={isNote}
            disabled={isEmpty || isBlocked || hasFailed}
            loading={waits !== null}
            sendKey={sendKey}
            onSend={send}
          />
        </div>
      </div>
    </div>
  );
}

function Modes({ mode, onMode, via }: { mode: Mode; onMode: (mode: Mode) => void; via: string }) {
  const { t } = useTranslation("inbox");
  const tab = (name: Mode, icon: React.ReactNode, label: string) => (
    <button
      type="button"
      aria-pressed={mode === name}
      onClick={() => onMode(name)}
      className={cx(
        "inline-flex h-7 items-center gap-1.5 rounded-md px-2 text-[0.8125rem] font-medium [&_svg]:size-3.5",
        mode === name
          ? name === "note"
            ? "bg-note-line/25 text-note-ink"
            : "bg-blue/12 text-blue"
          : mode === "note"
            ? "text-note-ink/90 hover:bg-note-line/15"
            : "text-muted hover:bg-hover hover:text-ink",
      )}
    >
      {icon}
      {label}
    </button>
  );
  return (
    <div className="flex items-center gap-1 px-2 pt-1.5">
      {tab("reply", <Reply aria-hidden />, t("composer.modes.reply"))}
      {tab("note", <Lock aria-hidden />, t("composer.modes.note"))}
      <span className={cx("ml-auto truncate px-1 text-xs", mode === "note" ? "text-note-ink" : "text-faint")}>
        {mode === "note" ? t("composer.onlyYou") : t("composer.via", { channel: via })}
      </span>
    </div>
  );
}

function Canned({ response }: { response: CannedResponse }) {
  return (
    <span className="block">
      <span className="flex items-baseline gap-2">
        <span className="font-mono text-xs text-blue">{response.short_code}</span>
        <span className="truncate font-medium">{response.title}</span>
      </span>
      <span className="line-clamp-2 text-[0.8125rem] text-muted">{response.content}</span>
    </span>
  );
}
