import { useTranslation } from "react-i18next";

import { api, data, done } from "@/api/client";
import { Badge, Button } from "@/ui";
import { useAttempt, useChanged } from "../common/hooks";
import { Loaded } from "../common/loaded";
import { Ago } from "../common/time";

/** A browser's long name of itself, cut down to what people call it. */
function deviceOf(agent: string | null | undefined): string {
  if (!agent) return "—";
  const browser = /(Edg|OPR|Firefox|Chrome|Safari)\/[\d.]+/.exec(agent)?.[1];
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(agent)?.[1];
  const names: Record<string, string> = { Edg: "Edge", OPR: "Opera", "Mac OS X": "macOS" };
  const parts = [browser, system].filter((part) => part !== undefined).map((part) => names[part] ?? part);
  return parts.join(", ") || agent.slice(0, 60);
}

/** Where one is signed in. */
export function Sessions() {
  const { t } = useTranslation("settings");
  const attempt = useAttempt();
  const changed = useChanged();
  return (
    <Loaded of={["sessions"]} read={() => data(api.GET("/v1/auth/sessions"))}>
      {(sessions) => (
        <ul className="divide-y divide-line">
          {sessions.map((session) => (
            <li key={session.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2.5 first:pt-0 last:pb-0">
              <span className="min-w-0 flex-1 basis-48">
                <span className="flex items-center gap-2 font-medium">
                  {deviceOf(session.user_agent)}
                  {session.is_current && <Badge tone="green">{t("profile.this_device")}</Badge>}
                </span>
                <span className="block text-xs text-faint">
                  {session.ip} · {t("profile.last_used")} <Ago at={session.last_used_at} />
                </span>
              </span>
              {!session.is_current && (
                <Button
                  size="sm"
                  onClick={() =>
                    void attempt(async () => {
                      await done(api.DELETE("/v1/auth/sessions/{id}", { params: { path: { id: session.id } } }));
                      await changed(["sessions"], t("profile.session_ended"));
                    })
                  }
                >
                  {t("profile.end_session")}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  );
}
