import { useParams } from "@tanstack/react-router";

import { api, data } from "@/api/client";
import { Loaded } from "@/settings/common/loaded";
import { groupMessages } from "../data";
import { Wizard } from "./Wizard";

export const NewGroupMessagePage = () => <Wizard message={null} template={null} />;

/** A draft with its text. */
async function read(id: string) {
  const message = await groupMessages.one(id);
  const template = message.template_id
    ? await data(api.GET("/v1/templates/{id}", { params: { path: { id: message.template_id } } })).catch(() => null)
    : null;
  return { message, template };
}

export function EditGroupMessagePage() {
  const { groupMessageId: id } = useParams({ strict: false }) as { groupMessageId: string };
  return (
    <Loaded of={["group-messages", id, "draft"]} read={() => read(id)}>
      {({ message, template }) => <Wizard key={message.id} message={message} template={template} />}
    </Loaded>
  );
}
