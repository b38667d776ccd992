import { act, cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useForm } from "react-hook-form";
import { afterEach, expect, test } from "vitest";

import { settle, useSave } from "./saving";

afterEach(cleanup);

interface Person {
  name: string;
  phone: string;
}

/** A form whose answer comes when the test says so. */
function Slow({ answer }: { answer: Promise<Person> }) {
  const form = useForm<Person, unknown, Person>({ defaultValues: { name: "", phone: "" } });
  const { isDirty } = form.formState;
  const saving = useSave({ form, save: async (_, kept) => kept(await answer) });
  const learn = () => settle(form, { name: "Told", phone: "+2" }, form.formState.defaultValues);
  return (
    <form onSubmit={saving.onSubmit}>
      <input aria-label="name" {...form.register("name")} />
      <input aria-label="phone" {...form.register("phone")} />
      <button type="submit">save</button>
      <button type="button" onClick={learn}>
        learn
      </button>
      <output>{isDirty ? "unsaved" : "saved"}</output>
    </form>
  );
}

const value = (name: string) => screen.getByLabelText<HTMLInputElement>(name).value;

test("what is typed while an answer is awaited stays, and is still to be saved", async () => {
  const user = userEvent.setup();
  let arrive!: (stored: Person) => void;
  render(<Slow answer={new Promise((done) => (arrive = done))} />);
  await user.type(screen.getByLabelText("name"), " Sara ");
  await user.click(screen.getByText("save"));
  await user.type(screen.getByLabelText("phone"), "0911");
  await act(async () => arrive({ name: "Sara", phone: "" }));
  expect([value("name"), value("phone")]).toEqual(["Sara", "0911"]);
  expect(screen.getByRole("status").textContent).toBe("unsaved");
});

test("what nobody touched meanwhile is as the hub has it, and is saved", async () => {
  const user = userEvent.setup();
  render(<Slow answer={Promise.resolve({ name: "Sara", phone: "+251911" })} />);
  await user.type(screen.getByLabelText("name"), "Sara");
  await user.click(screen.getByText("save"));
  await screen.findByText("saved");
  expect([value("name"), value("phone")]).toEqual(["Sara", "+251911"]);
});

test("news of what is stored leaves alone what is being typed", async () => {
  const user = userEvent.setup();
  render(<Slow answer={new Promise(() => {})} />);
  await user.type(screen.getByLabelText("name"), "Mine");
  await user.click(screen.getByText("learn"));
  expect([value("name"), value("phone")]).toEqual(["Mine", "+2"]);
  expect(screen.getByRole("status").textContent).toBe("unsaved");
});
