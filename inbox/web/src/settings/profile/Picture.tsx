import { ImageUp, Trash2 } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "@/api/client";
import { upload } from "@/api/upload";
import { useAccount } from "@/app/account";
import { Avatar, Button } from "@/ui";
import { useAttempt, useChanged } from "../common/hooks";
import { square } from "./square";

/** One's own picture, as colleagues and customers see it. */
export function Picture() {
  const { t } = useTranslation("settings");
  const { me, account } = useAccount();
  const changed = useChanged();
  const attempt = useAttempt();
  const [busy, setBusy] = useState(false);
  const picker = useRef<HTMLInputElement>(null);

  const set = async (find: () => Promise<string | null>) => {
    setBusy(true);
    await attempt(async () => {
      const body = { avatar_upload_id: await find() };
      await data(api.PATCH("/v1/users/{id}", { params: { path: { id: me.id } }, body }));
      await changed(["me", "users", "members"]);
    });
    setBusy(false);
  };
  const choose = (file: File) =>
    set(async () => {
      const picture = await square(file).catch(() => {
        throw new Error(t("profile.no_picture", { name: file.name }));
      });
      return upload(account.account_id, picture, new AbortController().signal);
    });
  return (
    <div className="mb-5 flex items-center gap-4">
      <Avatar name={me.name} src={me.avatar_url} size="lg" />
      <div className="flex flex-col gap-1.5">
        <div className="flex flex-wrap gap-2">
          <Button
            size="sm"
            loading={busy}
            icon={<ImageUp aria-hidden className="size-4" />}
            onClick={() => picker.current?.click()}
          >
            {t(me.avatar_url ? "profile.change_picture" : "profile.add_picture")}
          </Button>
          {me.avatar_url && (
            <Button
              size="sm"
              variant="ghost"
              disabled={busy}
              icon={<Trash2 aria-hidden className="size-4" />}
              onClick={() => void set(() => Promise.resolve(null))}
            >
              {t("profile.remove_picture")}
            </Button>
          )}
        </div>
        <p className="text-xs text-faint">{t("profile.picture_hint")}</p>
      </div>
      <input
        ref={picker}
        type="file"
        accept="image/*"
        hidden
        aria-label={t("profile.picture")}
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          event.target.value = "";
          if (file) void choose(file);
        }}
      />
    </div>
  );
}
