"""What others make of our talk with providers. Each line that it reads is a question, each line that it writes the answer.

{"sign": {"token", "url", "form": [[name, value], …]}}  Twilio's own signature of a webhook (twilio)
{"telegram": {…}}   a body that we sent to Telegram: its method, and what the Bot API does not know in it (aiogram)
{"update": {…}}     an update as our tests invent it: what the Bot API does not know in it
"""

import json
import sys

from aiogram import methods, types
from multidict import MultiDict
from pydantic import BaseModel
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


def answer(question):
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
