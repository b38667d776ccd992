"""What others make of our talk with providers. Each line that it reads is a question, each line that it writes the answer.

{"sign": {"token", "url", "form": [[name, value], …]}}  Twilio's own signature of a webhook (twilio)
{"telegram": {…}}   a body that we sent to Telegram: its method, and what the Bot API does not know in it (aiogram)
{"update": {…}}     an update as our tests invent it: what the Bot API does not know in it
{"whatsapp": {…}}   what pywa posts to WhatsApp for the same wish, where it posts it, and with which token
{"webhook": {…}}    a webhook of WhatsApp as our tests invent it: what pywa reads in it
"""

import json
import sys

import httpx
import pywa
from aiogram import methods, types
from multidict import MultiDict
from pydantic import BaseModel
from pywa.types import Button, Contact, Message, Section, SectionList, SectionRow, URLButton
from pywa.types.templates import BodyText, TemplateLanguage
from twilio.request_validator import RequestValidator

METHODS = {
    "text": methods.SendMessage,
    "photo": methods.SendPhoto,
    "document": methods.SendDocument,
    "media": methods.SendMediaGroup,
    "latitude": methods.SendLocation,
    "phone_number": methods.SendContact,
}


def strangers(value, at=""):
    """Fields that the models have no place for, by their paths."""
    if isinstance(value, BaseModel):
        found = [f"{at}.{name}" for name in (value.model_extra or {})]
        return found + [one for name in type(value).model_fields for one in strangers(getattr(value, name), f"{at}.{name}")]
    if isinstance(value, list):
        return [one for index, inner in enumerate(value) for one in strangers(inner, f"{at}[{index}]")]
    return []


posted = []


def take(request):
    """Stands where WhatsApp would, keeps what pywa posts, and takes it."""
    posted.append(request)
    return httpx.Response(200, json={"messaging_product": "whatsapp", "contacts": [{"input": "1", "wa_id": "1"}], "messages": [{"id": "wamid.1"}]})


client = pywa.WhatsApp(
    phone_id="100000000000001", token="EAAtoken-000", session=httpx.Client(transport=httpx.MockTransport(take))
)


def whatsapp(wish):
    """Has pywa send what is wished for."""
    to, quoted, tracker = wish["to"], wish.get("reply_to"), wish.get("tracker")
    told = {"to": to, "tracker": tracker}
    if emoji := wish.get("reaction"):
        client.send_reaction(**told, emoji=emoji, message_id=quoted)
    elif place := wish.get("location"):
        client.send_location(**told, **place)
    elif name := wish.get("template"):
        client.send_template(**told, name=name, language=TemplateLanguage.ENGLISH_US, params=[BodyText.params(**wish["values"])])
    elif file := wish.get("image"):
        client.send_image(**told, image=file, caption=wish.get("text"))
    elif file := wish.get("document"):
        client.send_document(**told, document=file, caption=wish.get("text"), filename=wish["filename"])
    else:
        buttons = None
        if wanted := wish.get("buttons"):
            buttons = [Button(title=one["title"], callback_data=one["id"]) for one in wanted]
        elif wanted := wish.get("rows"):
            rows = [SectionRow(title=one["title"], callback_data=one["id"], description=one.get("description")) for one in wanted]
            buttons = SectionList(button_title=wish["choose"], sections=[Section(title="", rows=rows)])
        elif wanted := wish.get("link"):
            buttons = URLButton(title=wanted["title"], url=wanted["url"])
        client.send_message(
            **told, text=wish["text"], buttons=buttons, header=wish.get("header"), footer=wish.get("footer"),
            preview_url=wish.get("preview_url", False), reply_to_message_id=quoted,
        )
    request = posted.pop()
    body = json.loads(request.content)
    for component in body.get("template", {}).get("components", []):
        # the documentation writes them small, pywa large
        component["type"] = component["type"].lower()
    return {"path": request.url.path, "authorization": request.headers["authorization"], "body": body}


def answer(question):
    if wish := question.get("whatsapp"):
        return whatsapp(wish)
    if update := question.get("webhook"):
        read = Message.from_update(client, update)
        return {"id": read.id, "from": read.from_user.wa_id, "name": read.from_user.name, "text": read.text}
    if form := question.get("sign"):
        signature = RequestValidator(form["token"]).compute_signature(form["url"], MultiDict(form["form"]))
        return {"signature": signature}
    if body := question.get("telegram"):
        method = next(method for name, method in METHODS.items() if name in body)
        read = method.model_validate(body)
        markup = type(getattr(read, "reply_markup", None)).__name__
        return {"method": method.__name__, "markup": markup, "strangers": strangers(read)}
    return {"strangers": strangers(types.Update.model_validate(question["update"]))}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
