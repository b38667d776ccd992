"""The stock Python client against the hub: commands, events, a lost connection and its resumption, over one transport."""

import os
import queue
import sys
import uuid

import socketio

hub, transport = os.environ["HUB_URL"], sys.argv[1]
account, token = os.environ["ACCOUNT_ID"], os.environ["AGENT_TOKEN"]
PATIENCE = 60
refusals = []


class Client:
    """Remembers the last number of each log, as every client of the contract does."""

    def __init__(self, namespace, auth, last=None):
        self.namespace, self.last, self.events = namespace, dict(last or {}), []
        self._news = queue.Queue()
        self._client = socketio.Client(reconnection=False)
        self._client.on("*", self._heard, namespace=namespace)
        self._client.on("connect_error", refusals.append, namespace=namespace)
        self._client.connect(hub, auth=auth, namespaces=[namespace], transports=[transport], wait_timeout=PATIENCE)

    def _heard(self, name, payload=None, meta=None, *_):
        if meta:
            assert meta["seq"] > self.last.get(meta["log"], 0), f"{name} {meta} after {self.last}"
            self.last[meta["log"]] = meta["seq"]
        self.events.append((name, payload))
        self._news.put((name, payload))

    def wait(self, name, fits=lambda payload: True):
        for known, payload in list(self.events):
            if known == name and fits(payload):
                return payload
        while True:
            known, payload = self._news.get(timeout=PATIENCE)
            if known == name and fits(payload):
                return payload

    def done(self, name, payload):
        answer = self._client.call(name, payload, namespace=self.namespace, timeout=PATIENCE)
        assert answer["ok"], f"{name}: {answer}"
        return answer["data"]

    def close(self):
        self._client.disconnect()


def send(client, content, **more):
    return client.done("message:send", {"client_message_id": str(uuid.uuid4()), "content": content, **more})


agent = Client("/agents", {"token": token, "account_id": account})
epoch = agent.wait("hello")["epoch"]
agent.wait("live")
customer = Client("/customers", {"token": os.environ["VISITOR_TOKEN"]})
customer.wait("hello")
conversation = send(customer, "one")["conversation"]["id"]
agent.wait("conversation:new", lambda it: it["id"] == conversation)
page = agent.done("conversation:join", {"conversation_id": conversation})
assert [entry["content"] for entry in page["entries"]] == ["one"], page
send(agent, "Good morning.", conversation_id=conversation)
customer.wait("conversation:message", lambda it: it["content"] == "Good morning.")
agent.wait("conversation:message", lambda it: it["content"] == "Good morning.")
agent.close()

for content in ("two", "three"):
    send(customer, content)
thread = f"conversation:{conversation}"
back = Client(
    "/agents",
    {
        "token": token, "account_id": account, "epoch": epoch, "since": agent.last[f"account:{account}"],
        "threads": {conversation: agent.last[thread]},
    },
    agent.last,
)
assert back.wait("hello")["resumed"]
back.wait("conversation:message", lambda it: it["content"] == "three")
back.wait("live")
texts = [payload["content"] for name, payload in back.events if name == "conversation:message"]
assert texts == ["two", "three"], texts
assert not any(name == "reset" for name, _ in back.events)

try:
    Client("/agents", {"token": "nonsense"})
    raise SystemExit("somebody unknown was let in")
except socketio.exceptions.ConnectionError:
    assert [refusal["message"] for refusal in refusals] == ["unauthorized"], refusals
back.close()
customer.close()
print(f"the story was told over {transport}")
