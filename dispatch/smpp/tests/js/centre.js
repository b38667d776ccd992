// A message centre on the `smpp` package: PORT 0 picks one, which is the first line of what it says. A line of JSON on
// its input tells it what to do; each submit it takes is a line of its output.
const readline = require("node:readline");
const smpp = require("smpp");

const sessions = new Set();
let taken = 0;
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

const server = smpp.createServer({}, (session) => {
  session.on("error", () => {});
  session.on("close", () => sessions.delete(session));
  for (const bind of ["bind_transceiver", "bind_transmitter", "bind_receiver"]) {
    session.on(bind, (pdu) => {
      if (pdu.password !== "secret") {
        session.send(pdu.response({ command_status: smpp.ESME_RINVPASWD }));
        session.close();
        return;
      }
      session.receives = bind !== "bind_transmitter";
      sessions.add(session);
      session.send(pdu.response({ system_id: "node", sc_interface_version: 0x34 }));
      say({ bound: bind });
    });
  }
  session.on("enquire_link", (pdu) => session.send(pdu.response()));
  session.on("unbind", (pdu) => {
    session.send(pdu.response());
    session.close();
  });
  session.on("submit_sm", (pdu) => {
    taken += 1;
    const text = pdu.short_message.message || (pdu.message_payload?.message ?? pdu.message_payload ?? "");
    const udh = pdu.short_message.udh?.map((element) => element.toString("hex"));
    say({
      taken,
      from: pdu.source_addr,
      to: pdu.destination_addr,
      coding: pdu.data_coding,
      text: text.toString(),
      udh,
      sar: pdu.sar_total_segments && [pdu.sar_msg_ref_num, pdu.sar_total_segments, pdu.sar_segment_seqnum],
    });
    const id = taken.toString(16).padStart(8, "0");
    const number = taken;
    const receipt = () => {
      const receiver = [...sessions].find((one) => one.receives);
      receiver?.deliver_sm({
        esm_class: 4,
        source_addr: pdu.destination_addr,
        destination_addr: pdu.source_addr,
        short_message: `id:${number} sub:001 dlvrd:001 submit date:2601010000 done date:2601010001 stat:DELIVRD err:000 text:`,
        receipted_message_id: id,
        message_state: 2,
      });
    };
    if (number % 2 && pdu.registered_delivery & 1) receipt();
    session.send(pdu.response({ message_id: id }));
    if (number % 2 === 0 && pdu.registered_delivery & 1) receipt();
  });
});

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const told = JSON.parse(line);
  if (told.cut) for (const session of sessions) session.socket.destroy();
  if (told.deliver) {
    const receiver = [...sessions].find((one) => one.receives);
    if (!receiver) return say({ answered: null });
    receiver.deliver_sm(told.deliver, (pdu) => say({ answered: pdu.command_status }));
  }
});
process.stdin.on("end", () => process.exit(0));

server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => say({ port: server.address().port }));
