import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";

import { useToast } from "@/ui";

/** What is opened beside the list: an id, `new`, or nothing. It lives in the address (`?open=…`). */
export function useOpened(): [string | null, (id: string | null) => void] {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const open = useCallback(
    (id: string | null) => {
      const next = (before: Record<string, unknown>) => ({ ...before, open: id ?? undefined });
      void navigate({ to: ".", search: next as never });
    },
    [navigate],
  );
  return [typeof search.open === "string" ? search.open : null, open];
}

/** After a change: what was read is read again, and the person is told. */
export function useChanged() {
  const client = useQueryClient();
  const toast = useToast();
  const { t } = useTranslation("settings");
  return useCallback(
    async (names: string[], said: string = t("saved")) => {
      await Promise.all(names.map((name) => client.invalidateQueries({ queryKey: [name] })));
      toast.success(said);
    },
    [client, toast, t],
  );
}

/** Runs something that is no form; a refusal becomes a toast. Answers whether it went well. */
export function useAttempt() {
  const toast = useToast();
  const { t } = useTranslation("ui");
  return useCallback(
    async (work: () => Promise<unknown>): Promise<boolean> => {
      try {
        await work();
        return true;
      } catch (error) {
        toast.error(error instanceof Error ? error.message : t("failed"));
        return false;
      }
    },
    [toast, t],
  );
}
