// A Telegram of other people's making (telegram-test-api) with one customer in it. Each line that it reads is what the
// customer does, each line that it writes the answer; the first says where the server listens.
//   {"say": "…"}      writes to the bot
//   {"command": "…"}  the same with a command's marks
//   {"read": true}    what the bot has written since
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import TelegramServer from "telegram-test-api";

const [token] = process.argv.slice(2);

const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});
const server = new TelegramServer({ host: "127.0.0.1", port });
await server.start();
const customer = server.getClient(token, { userId: 4711, chatId: 4711, firstName: "Ada", userName: "ada" });

const tell = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
tell({ url: server.config.apiURL });

let seen = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const wish = JSON.parse(line);
  if (wish.say !== undefined) {
    tell(await customer.sendMessage(customer.makeMessage(wish.say)));
  } else if (wish.command !== undefined) {
    tell(await customer.sendCommand(customer.makeCommand(wish.command)));
  } else {
    const written = server.storage.botMessages.filter((one) => one.botToken === token).slice(seen);
    seen += written.length;
    tell({ written: written.map((one) => ({ id: one.messageId, ...one.message })) });
  }
}
process.exit(0);
