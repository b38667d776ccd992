import type { Csat } from "@turumba/realtime";
import { useState } from "preact/hooks";

import "./card";
import type { Chat } from "./chat";
import { Star } from "./icons";

const STARS = [1, 2, 3, 4, 5];

/** Asks how it was, when the chat has ended. */
export function Rating({ chat, csat }: { chat: Chat; csat: Csat }) {
  const { t } = chat.texts;
  const [rating, setRating] = useState(0);
  const [failed, setFailed] = useState("");
  const [isBusy, setBusy] = useState(false);

  if (csat.rating !== null) {
    return <div class="card rating" role="status"><p>{t("csat_thanks")}</p><p class="dim">{t("csat_again")}</p></div>;
  }

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const comment = String(new FormData(event.currentTarget as HTMLFormElement).get("comment") ?? "").trim();
    setBusy(true);
    setFailed("");
    try {
      await chat.rate(rating, comment);
    } catch (error) {
      setFailed(t("form_failed", { why: error instanceof Error ? error.message : String(error) }));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form class="card rating" onSubmit={(event) => void submit(event)}>
      <fieldset>
        <legend>{t("csat_question")}</legend>
        <div class="stars">
          {STARS.map((star) => (
            <label class={star <= rating ? "on" : ""} title={t("csat_star", { n: star })}>
              <input type="radio" name="rating" value={star} checked={star === rating} onChange={() => setRating(star)} />
              <Star /><span class="sr">{t("csat_star", { n: star })}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {rating > 0 && (
        <>
          <textarea name="comment" rows={2} maxLength={2000} placeholder={t("csat_comment")} aria-label={t("csat_comment")} />
          <button class="main" type="submit" disabled={isBusy}>{t("csat_send")}</button>
        </>
      )}
      {failed && <p class="error" role="alert">{failed}</p>}
    </form>
  );
}
