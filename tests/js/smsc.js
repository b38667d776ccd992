// A message centre of other people's making (smpp). Its first line says where it listens; each line that it reads is a
// wish, each line that it writes then the answer.
//   {"taken": true}                     what it was sent since, each with its text and the number of its part
//   {"write": {"from", "to", "text"}}   a customer's text to whoever is bound, and how it was answered
//   {"count": true}                     how many it has taken, and the seconds from the first to the last
// `node smsc.js sink` writes nothing down and sends no receipts.
import { createInterface } from "node:readline";
import smpp from "smpp";

const isSink = process.argv[2] === "sink";
const tell = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

let count = 0;
let first = 0;
let last = 0;
let taken = [];
const bound = new Set();

function submitted(session, pdu) {
  last = performance.now();
  first ||= last;
  const id = String(++count);
  session.send(pdu.response({ message_id: id }));
  if (isSink) return;
  const { udh, message } = pdu.short_message;
  taken.push({
    id,
    from: pdu.source_addr,
    to: pdu.destination_addr,
    text: message,
    coding: pdu.data_coding,
    part: udh?.length ? [...udh[0]].slice(-2) : null,
  });
  if (pdu.registered_delivery & 1) {
    session.deliver_sm({
      source_addr: pdu.destination_addr,
      destination_addr: pdu.source_addr,
      esm_class: 4,
      short_message: `id:${id} sub:001 dlvrd:001 submit date:2611261200 done date:2611261201 stat:DELIVRD err:000 text:`,
    });
  }
}

const server = smpp.createServer((session) => {
  for (const kind of ["bind_transceiver", "bind_receiver", "bind_transmitter"]) {
    session.on(kind, (pdu) => {
      if (pdu.password !== "secret") {
        session.send(pdu.response({ command_status: smpp.ESME_RBINDFAIL }));
        return session.close();
      }
      session.send(pdu.response({ system_id: "SMSC" }));
      if (kind !== "bind_transmitter") bound.add(session);
    });
  }
  session.on("submit_sm", (pdu) => submitted(session, pdu));
  session.on("enquire_link", (pdu) => session.send(pdu.response()));
  session.on("unbind", (pdu) => {
    session.send(pdu.response());
    session.close();
  });
  session.on("close", () => bound.delete(session));
  session.on("error", () => bound.delete(session));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
tell({ port: server.address().port });

const answers = {
  taken() {
    const all = taken;
    taken = [];
    return { taken: all };
  },
  count: () => ({ count, seconds: (last - first) / 1000 }),
  async write({ from, to, text }) {
    const [session] = bound;
    if (!session) return { status: null };
    const pdu = { source_addr: from, destination_addr: to, short_message: text };
    return new Promise((resolve) => session.deliver_sm(pdu, (answer) => resolve({ status: answer.command_status })));
  },
};
for await (const line of createInterface({ input: process.stdin })) {
  const [[wish, details]] = Object.entries(JSON.parse(line));
  tell(await answers[wish](details));
}
process.exit(0);
