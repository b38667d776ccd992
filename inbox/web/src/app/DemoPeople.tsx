import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import { signedIn } from "@/api/session";
import { Button } from "@/ui";

/** What a hub tells of its demo; null on all others. */
interface Guide {
  owner: string;
  agents: string[];
  password: string;
}

const read = async (): Promise<Guide | null> => {
  const answer = await fetch("/demo/guide");
  return answer.ok ? ((await answer.json()) as { data: Guide | null }).data : null;
};

interface Props {
  busy: boolean;
  onChoose: (email: string, password: string) => Promise<void>;
}

/** On a demo, its people: one click is one of them. The shop's tour says whom it wants (`?as=`). */
export function DemoPeople({ busy, onChoose }: Props) {
  const { t } = useTranslation();
  const { as } = useSearch({ from: "/sign-in" });
  const guide = useQuery({ queryKey: ["demo"], queryFn: read, retry: false, staleTime: Infinity }).data;
  const isTried = useRef(false);

  useEffect(() => {
    if (!guide || !as || isTried.current || signedIn() || ![guide.owner, ...guide.agents].includes(as)) return;
    // once: whoever changed the password sees the form
    isTried.current = true;
    void onChoose(as, guide.password);
  }, [guide, as, onChoose]);

  if (!guide) return null;
  return (
    <section aria-label={t("signIn.demo")} className="mt-4 rounded-2xl border border-dashed border-line p-4 text-center">
      <p className="text-muted">{t("signIn.demo")}</p>
      <div className="mt-3 flex flex-wrap justify-center gap-2">
        {[...guide.agents, guide.owner].map((email) => (
          <Button key={email} size="sm" disabled={busy} onClick={() => void onChoose(email, guide.password)}>
            {email === guide.owner ? t("signIn.asOwner") : t("signIn.asAgent", { name: nameOf(email) })}
          </Button>
        ))}
      </div>
    </section>
  );
}

const nameOf = (email: string) => email.slice(0, 1).toUpperCase() + email.slice(1, email.indexOf("@"));
