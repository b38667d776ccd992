import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import { ChevronDown, Search } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { useAccount } from "@/app/account";
import { Avatar, Button, Popover, PopoverContent, PopoverTrigger, Spinner } from "@/ui";
import { contacts, shownName, type Contact } from "./data";

interface ContactPickerProps {
  /** What stands on the button: who is chosen, or what to do. */
  label: string;
  onPick: (contact: Contact) => void;
  /** Contacts that cannot be chosen. */
  without?: readonly string[];
}

/** Milliseconds after the last letter. */
const TYPING = 250;

/** One contact of however many: the hub searches names, phone numbers or addresses as they are typed. */
export function ContactPicker({ label, onPick, without = [] }: ContactPickerProps) {
  const { t } = useTranslation("people");
  const { t: ui } = useTranslation("ui");
  const { account } = useAccount();
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const [q, setQ] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setQ(text.trim()), TYPING);
    return () => clearTimeout(timer);
  }, [text]);
  const field = /^[+\d\s()-]+$/.test(q) ? "phone" : q.includes("@") ? "email" : "name";
  const value = field === "phone" ? q.replace(/[\s()-]/g, "") : q;
  const filter = q ? [`${field}:icontains:${value}`] : [];
  const found = useQuery({
    queryKey: ["contacts", "picker", account.account_id, filter],
    queryFn: () => contacts.list({ account_id: account.account_id, filter, skip: 0, limit: 12 }),
    enabled: open,
    placeholderData: keepPreviousData,
  });
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button className="max-w-full justify-between">
          <span className="truncate">{label}</span>
          <ChevronDown aria-hidden className="size-4 shrink-0 text-faint" />
        </Button>
      </PopoverTrigger>
      <PopoverContent align="start" className="w-[min(22rem,calc(100vw-1rem))] p-0">
        <Command label={t("picker.label")} shouldFilter={false} className="flex max-h-80 flex-col">
          <div className="flex items-center gap-2 border-b border-line px-3">
            <Search aria-hidden className="size-4 shrink-0 text-faint" />
            <Command.Input
              value={text}
              onValueChange={setText}
              placeholder={t("picker.placeholder")}
              className="h-10 w-full bg-transparent text-ink outline-none"
            />
            {found.isFetching && <Spinner />}
          </div>
          <Command.List className="min-h-0 flex-1 overflow-y-auto p-1">
            {found.data?.data.length === 0 && (
              <p className="px-3 py-6 text-center text-muted">{ui("nothing_matches")}</p>
            )}
            {found.data?.data
              .filter(({ id }) => !without.includes(id))
              .map((contact) => (
                <Command.Item
                  key={contact.id}
                  value={contact.id}
                  onSelect={() => {
                    onPick(contact);
                    setOpen(false);
                  }}
                  className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-1.5 data-[selected=true]:bg-hover"
                >
                  <Avatar name={shownName(contact)} size="sm" />
                  <span className="min-w-0 flex-1 truncate">{shownName(contact)}</span>
                  <span className="text-xs text-faint">{contact.phone ?? contact.email}</span>
                </Command.Item>
              ))}
          </Command.List>
        </Command>
      </PopoverContent>
    </Popover>
  );
}
