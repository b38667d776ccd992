import { useQuery } from "@tanstack/react-query";

import { api, data, type Schemas } from "@/api/client";
import { fieldsOf, type FieldModel, type Values } from "./schema";

export type Channel = Schemas["ChannelView"];
export type Profile = Schemas["Profile"];

/** What this build's providers can do and need; it changes with the build only. */
export function useProfiles() {
  return useQuery({
    queryKey: ["channel-providers"],
    queryFn: () => data(api.GET("/v1/channel-providers")),
    staleTime: Infinity,
  });
}

/** The settings that only matter to few, folded away, beside those whose schema says so itself (`x-rare`). */
const RARE = ["api_base", "file_base", "webhook_url", "webhook_secret", "signing_secret", "auth_token_secondary"];

export interface FormModel {
  credentials: FieldModel[];
  settings: FieldModel[];
  rareCredentials: FieldModel[];
  rareSettings: FieldModel[];
}

/** The fields of a provider's form. */
export function modelOf(profile: Profile, stored: Values): FormModel {
  const settings = fieldsOf(profile.settings_schema);
  const inSettings = new Set(settings.map((field) => field.name));
  const credentials = fieldsOf(profile.credentials_schema).filter(
    ({ name, kind, required }) =>
      name !== "provider" &&
      // what may stand in either place is asked for once, unless it is stored here already
      (kind === "secret" || required || !inSettings.has(name) || stored[name] !== undefined),
  );
  // a pretend provider's behaviour is many dials that nobody needs at first
  const isRare = ({ name, required, schema }: FieldModel) =>
    !required && (profile.provider === "sandbox" || schema["x-rare"] === true || RARE.includes(name));
  return {
    credentials: credentials.filter((field) => !isRare(field)),
    rareCredentials: credentials.filter(isRare),
    settings: settings.filter((field) => !isRare(field)),
    rareSettings: settings.filter(isRare),
  };
}

export const allCredentials = (model: FormModel) => [...model.credentials, ...model.rareCredentials];
export const allSettings = (model: FormModel) => [...model.settings, ...model.rareSettings];
