import { Link } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { useTranslation } from "react-i18next";

import { Button, EmptyState } from "@/ui";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <main className="flex h-full items-center justify-center">
      <EmptyState
        icon={<Compass />}
        title={t("notFound.title")}
        text={t("notFound.text")}
        action={
          <Button asChild variant="primary">
            <Link to="/">{t("notFound.home")}</Link>
          </Button>
        }
      />
    </main>
  );
}
